// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.nio.file.attribute.UserPrincipal;
import java.util.function.BooleanSupplier;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * What Vert.x leaves to the channels below its connections. Its public API has no way to them: neither a connection nor a request tells
 * who is at the other end of a Unix socket, or can be ended at once. So interfaces of Vert.x's own are used, here and nowhere else:
 * another version may have others.
 */
final class Channels {
    private Channels() {}

    /**
     * Whose process has connected itself to a Unix socket.
     *
     * @throws RuntimeException if the kernel does not tell
     */
    static UserPrincipal user(HttpConnection connection) {
        UnixDomainPrincipal peer = ((HttpServerConnection) connection)
                .channelHandlerContext()
                .channel()
                .config()
                .getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        return peer.user();
    }

    /**
     * Ends a connection now. Vert.x, and whatever goes through its handler, would first wait for the reader to take what is still to
     * be sent, who may never do so.
     */
    static void cut(HttpConnection connection) {
        ((HttpServerConnection) connection).channelHandlerContext().close();
    }

    /** As {@link #cut(HttpConnection)}. */
    static void cut(NetSocket socket) {
        ((NetSocketInternal) socket).channelHandlerContext().close();
    }

    /**
     * Has requests of other versions than HTTP/1.0 and 1.1 be refused as malformed ones are, and not by Vert.x, which also ends
     * connections whose chunks cannot be told apart without a word.
     *
     * @param broken what is done, on the connection's thread, when the body that comes cannot be read; false = nothing, and Vert.x
     *     ends the connection
     */
    static void check(HttpConnection connection, BooleanSupplier broken) {
        ((HttpServerConnection) connection)
                .channelHandlerContext()
                .pipeline()
                .addBefore("handler", "check", new Check(broken));
    }

    private static final class Check extends ChannelInboundHandlerAdapter {
        private final BooleanSupplier broken;

        Check(BooleanSupplier broken) {
            this.broken = broken;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request) {
                checkVersion(request);
            } else if (message instanceof HttpContent part
                    && part.decoderResult().isFailure()
                    && broken.getAsBoolean()) {
                part.release();
                return;
            }
            context.fireChannelRead(message);
        }

        private static void checkVersion(HttpRequest request) {
            if (request.decoderResult().isSuccess()
                    && !request.protocolVersion().equals(HttpVersion.HTTP_1_1)
                    && !request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
                request.setProtocolVersion(HttpVersion.HTTP_1_1);
                request.setDecoderResult(
                        DecoderResult.failure(new IllegalArgumentException("neither HTTP/1.0 nor HTTP/1.1")));
            }
        }
    }
}
