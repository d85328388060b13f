// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPInputStream;

/** Takes metrics as a collector does: by OTLP over HTTP, opentelemetry/proto/metrics/v1/metrics.proto. */
final class OtlpReceiver implements AutoCloseable {
    private static final int CUMULATIVE = 2;

    private final HttpServer server;
    private final BlockingQueue<Map<Key, Point>> exports = new LinkedBlockingQueue<>();

    /** A series. */
    record Key(String metric, Map<String, String> attributes) {}

    /**
     * What it says.
     *
     * @param monotonic whether it is a sum that only grows, counted from the beginning
     */
    record Point(double value, String unit, boolean monotonic) {}

    OtlpReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/v1/metrics", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if ("gzip".equals(exchange.getRequestHeaders().getFirst("content-encoding"))) {
                body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
            }
            boolean good =
                    "application/x-protobuf".equals(exchange.getRequestHeaders().getFirst("content-type"));
            exchange.sendResponseHeaders(good ? 200 : 415, -1);
            exchange.close();
            if (good) {
                exports.add(decode(ProtoMessage.read(body)));
            }
        });
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What came with each request. */
    BlockingQueue<Map<Key, Point>> exports() {
        return exports;
    }

    private static Map<Key, Point> decode(ProtoMessage request) {
        Map<Key, Point> points = new HashMap<>();
        for (ProtoMessage resource : request.messages(1)) {
            for (ProtoMessage scope : resource.messages(2)) {
                for (ProtoMessage metric : scope.messages(2)) {
                    boolean sum = metric.has(7);
                    if (sum || metric.has(5)) {
                        ProtoMessage data = metric.message(sum ? 7 : 5);
                        boolean monotonic = sum && data.number(2) == CUMULATIVE && data.number(3) == 1;
                        String unit = metric.has(3) ? metric.text(3) : "";
                        for (ProtoMessage point : data.messages(1)) {
                            double value = point.has(4) ? point.real(4) : point.number(6);
                            points.put(new Key(metric.text(1), attributes(point)), new Point(value, unit, monotonic));
                        }
                    }
                }
            }
        }
        return points;
    }

    private static Map<String, String> attributes(ProtoMessage point) {
        Map<String, String> attributes = new HashMap<>();
        point.messages(7)
                .forEach(pair -> attributes.put(pair.text(1), pair.message(2).text(1)));
        return attributes;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
