// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.metrics.NodeMetrics;
import java.util.List;
import java.util.Map;

/** Metrics for Prometheus. */
final class MetricsRoutes {
    private final NodeMetrics metrics;

    MetricsRoutes(NodeMetrics metrics) {
        this.metrics = metrics;
    }

    List<Route> all() {
        return List.of(Route.of(Role.READ, "GET", "/metrics", parameters -> {
            String accept = parameters.request().header("accept").orElse("");
            String text = BulkWork.answer(() -> metrics.text(accept));
            return Reply.text(NodeMetrics.mediaType(accept), text, Map.of());
        }));
    }
}
