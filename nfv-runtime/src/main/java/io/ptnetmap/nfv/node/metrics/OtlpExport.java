// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/**
 * Where metrics are sent by OTLP over HTTP.
 *
 * @param address such as {@code http://127.0.0.1:4318}; {@code /v1/metrics} is added where it has no path
 * @param interval between two exports, at least a second
 * @param headers of each request, such as {@code authorization}
 */
public record OtlpExport(URI address, Duration interval, Map<String, String> headers) {
    private static final String PATH = "/v1/metrics";
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(15);

    /** Refuses what cannot be sent to. */
    public OtlpExport {
        if (address.getHost() == null || !("http".equals(address.getScheme()) || "https".equals(address.getScheme()))) {
            throw new IllegalArgumentException(
                    "'" + address + "' is no address to send metrics to; write http://HOST:4318");
        }
        if (interval.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("metrics are sent once a second at most, not every " + interval);
        }
        headers = Map.copyOf(headers);
    }

    /** Every 15 seconds. */
    public static OtlpExport to(URI address) {
        return new OtlpExport(address, USUAL_INTERVAL, Map.of());
    }

    /** The whole address. */
    String url() {
        String path = address.getPath();
        return path == null || path.isEmpty() || path.equals("/")
                ? address.resolve(PATH).toString()
                : address.toString();
    }
}
