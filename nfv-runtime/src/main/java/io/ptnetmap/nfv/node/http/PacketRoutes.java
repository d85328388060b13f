// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.PacketFilterException;
import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.deploy.ChainRequestException;
import io.ptnetmap.nfv.deploy.PacketTap;
import io.ptnetmap.nfv.deploy.PacketTracer;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.ptnetmap.nfv.node.model.TraceEnd;
import io.ptnetmap.nfv.node.model.TracedPacket;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes that show packets. */
final class PacketRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(PacketRoutes.class);
    private static final int MOST_PACKETS = 1_000_000_000;
    private static final int MOST_TRACED = 10_000;
    private static final String ALL_THERE_IS =
            "a trace follows no more than " + MOST_TRACED + " packets: begin another one";
    private static final int LONGEST_FILTER = 4096;
    private static final int LEAST_SNAPLEN = 14;
    private static final int BUFFER = 32 << 10;
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Node node;

    PacketRoutes(Node node) {
        this.node = node;
    }

    List<Route> all() {
        return List.of(
                Route.of(Role.OPERATE, "GET", "/v1/chains/{chain}/links/{link}/packets", this::packets),
                Route.of(Role.OPERATE, "GET", "/v1/chains/{chain}/trace", this::trace));
    }

    private interface Work {
        /** @param refusal why the reader may not see more, as soon as that is so */
        void send(OutputStream out, Supplier<Optional<String>> refusal) throws IOException, InterruptedException;
    }

    private Reply packets(Parameters parameters) {
        String link =
                node.views().link(parameters.of("chain"), parameters.of("link")).name();
        TapOptions options = TapOptions.ALL
                .withFilter(parameters.text("filter", LONGEST_FILTER).orElse(""))
                .withSnaplen(parameters
                        .number("snaplen", LEAST_SNAPLEN, CaptureReader.MAX_PACKET_LENGTH)
                        .orElse(CaptureReader.MAX_PACKET_LENGTH))
                .withCount(parameters.number("count", 1, MOST_PACKETS).orElse(0));
        PacketTap tap = opened(() -> node.views().run(parameters.of("chain")).tap(link, options));
        return stream("application/x-pcapng", tap, (out, refusal) -> tap.writeTo(out));
    }

    private Reply trace(Parameters parameters) {
        String chain = parameters.of("chain");
        int wanted = parameters.number("count", 1, MOST_PACKETS).orElse(MOST_PACKETS);
        int count = Math.min(MOST_TRACED, wanted);
        TraceOptions options =
                new TraceOptions(parameters.text("filter", LONGEST_FILTER).orElse(""), count);
        PacketTracer tracer = opened(() -> node.views().run(chain).trace(options));
        return stream("application/x-ndjson", tracer, (out, refusal) -> {
            int told = 0;
            while (!tracer.isOver()) {
                Optional<PacketTrace> next = tracer.next(LOOK);
                if (next.isPresent()) {
                    writeLine(out, TracedPacket.of(chain, next.get()));
                    told++;
                }
            }
            if (told < wanted) {
                writeLine(
                        out, new TraceEnd(chain, refusal.get().orElse(told == count ? ALL_THERE_IS : ending(tracer))));
            }
        });
    }

    private static String ending(PacketTracer tracer) {
        return tracer.ending().isEmpty() ? "the chain has ended" : tracer.ending();
    }

    private static void writeLine(OutputStream out, Object value) throws IOException {
        out.write((Json.text(value) + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static <T> T opened(Supplier<T> opening) {
        try {
            return opening.get();
        } catch (PacketFilterException wrong) {
            throw ApiException.parameter("filter", wrong.getMessage());
        } catch (ChainRequestException | CaptureException refused) {
            throw new ApiException(409, refused.getMessage());
        }
    }

    private static Reply stream(String type, AutoCloseable source, Work work) {
        Map<String, String> headers = Map.of("content-type", type, "cache-control", "no-store");
        return new Reply.Stream(200, headers, new Packets(source, work));
    }

    /** Sends what the work writes, at the reader's pace, until one of both ends it. */
    private static final class Packets implements Reply.Flow {
        private final AutoCloseable source;
        private final Work work;
        private volatile Optional<String> refusal = Optional.empty();

        Packets(AutoCloseable source, Work work) {
            this.source = source;
            this.work = work;
        }

        @Override
        public void start(Reply.Outlet out) {
            out.onClose(() -> close(source));
            OutletStream stream = new OutletStream(out);
            Thread.ofVirtual().name("packets").start(() -> {
                try (stream;
                        OutputStream buffered = new BufferedOutputStream(stream, BUFFER)) {
                    work.send(buffered, () -> refusal);
                } catch (IOException readerGone) {
                    LOG.debug("packets are wanted no more", readerGone);
                } catch (InterruptedException ending) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException failure) {
                    LOG.warn("packets could not be shown: {}", failure.getMessage());
                } finally {
                    close(source);
                }
            });
        }

        /** The work ends what it has begun. */
        @Override
        public void refuse(Reply.Outlet out, ProblemDetails why) {
            refusal = Optional.of(why.detail().orElse(why.title()));
            close(source);
        }
    }

    private static void close(AutoCloseable source) {
        try {
            source.close();
        } catch (Exception failure) {
            LOG.warn("a look at packets could not be ended: {}", failure.getMessage());
        }
    }
}
