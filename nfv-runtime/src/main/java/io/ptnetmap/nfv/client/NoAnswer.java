// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.http.HttpClosedException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Why there was no answer, and what to do about it. */
final class NoAnswer {
    private NoAnswer() {}

    /** What to tell of a failure to connect, or to get an answer. */
    static NodeUnreachableException from(NodeClientOptions options, Throwable failure) {
        return certificate(options, failure)
                .or(() -> options.socket().flatMap(socket -> socket(socket, failure)))
                .or(() -> plain(options.node(), failure))
                .map(why -> new NodeUnreachableException(why, failure))
                .orElseGet(() -> new NodeUnreachableException(
                        "no node answers at " + options.node() + ": " + reason(failure), failure));
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Throwable::getCause).takeWhile(cause -> cause != null);
    }

    private static String reason(Throwable failure) {
        if (cause(failure, UnknownHostException.class).isPresent()) {
            return "no host of that name is known";
        }
        if (cause(failure, ConnectException.class)
                .filter(refused -> String.valueOf(refused.getMessage()).startsWith("Connection refused"))
                .isPresent()) {
            return "connection refused; start one by 'nfv node', or name another one's address";
        }
        return causes(failure)
                .map(Throwable::getMessage)
                .filter(text -> text != null)
                .findFirst()
                .orElse(failure.getClass().getSimpleName());
    }

    private static <T extends Throwable> Optional<T> cause(Throwable failure, Class<T> type) {
        return causes(failure).filter(type::isInstance).map(type::cast).findFirst();
    }

    private static Optional<String> certificate(NodeClientOptions options, Throwable failure) {
        String node = "the certificate of the node at " + options.node();
        if (cause(failure, CertificateExpiredException.class).isPresent()) {
            return Optional.of(node + " has expired: give the node a new one, or set this machine's clock");
        }
        if (cause(failure, CertificateNotYetValidException.class).isPresent()) {
            return Optional.of(node + " is not valid yet: set this machine's clock, or the node's");
        }
        if (cause(failure, CertPathBuilderException.class).isPresent()) {
            return Optional.of(node
                    + options.authority()
                            .map(file -> " comes from none of those in " + file
                                    + ": take the file of the authority that the node's certificate comes from")
                            .orElse(" comes from nobody whom Java trusts: name its authority's certificate by --ca FILE"
                                    + " or NFV_CA"));
        }
        Optional<CertificateException> names = cause(failure, CertificateException.class);
        if (names.isPresent()) {
            return Optional.of(node + " is for other names (" + names.get().getMessage()
                    + "): use one of them in the address, or give the node a certificate for this one");
        }
        return cause(failure, SSLException.class)
                .map(refused -> "no TLS with " + options.node() + ": " + refused.getMessage()
                        + "; a node without a certificate is reached by http://");
    }

    private static Optional<String> plain(URI node, Throwable failure) {
        return cause(failure, HttpClosedException.class)
                .filter(_ -> "http".equals(node.getScheme()))
                .map(_ -> "no node answers at " + node
                        + ": it closes the connection; one that serves by TLS is reached by https://");
    }

    private static Optional<String> socket(Path socket, Throwable failure) {
        if (!Files.exists(socket)) {
            return Optional.of("no node answers at unix:" + socket
                    + ": there is no such socket; start a node by 'nfv node --listen unix:" + socket + "'");
        }
        if (!Files.isWritable(socket)) {
            return Optional.of("no node answers at unix:" + socket
                    + ": only the user that runs the node, and root, may connect; become one of them, or go to its"
                    + " address by a token");
        }
        return cause(failure, ConnectException.class)
                .map(refused -> "no node answers at unix:" + socket
                        + ": the node that served there has ended; start one again");
    }
}
