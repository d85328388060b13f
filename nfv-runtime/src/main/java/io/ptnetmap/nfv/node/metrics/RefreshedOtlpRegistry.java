// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import java.time.Duration;
import java.util.Map;

/** Sends metrics by OTLP, and has them brought up to date before. */
final class RefreshedOtlpRegistry extends OtlpMeterRegistry {
    private final Runnable refresh;

    RefreshedOtlpRegistry(OtlpExport export, Runnable refresh, Clock clock) {
        super(configOf(export), clock);
        this.refresh = refresh;
    }

    private static OtlpConfig configOf(OtlpExport export) {
        return new OtlpConfig() {
            @Override
            public String get(String key) {
                return null;
            }

            @Override
            public String url() {
                return export.url();
            }

            @Override
            public Duration step() {
                return export.interval();
            }

            @Override
            public Map<String, String> headers() {
                return export.headers();
            }

            @Override
            public Map<String, String> resourceAttributes() {
                return Map.of("service.name", "nfv-node");
            }
        };
    }

    @Override
    protected void publish() {
        refresh.run();
        super.publish();
    }
}
