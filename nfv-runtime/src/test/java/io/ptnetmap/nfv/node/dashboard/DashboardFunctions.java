// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.dashboard;

import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketSource;
import java.util.List;
import java.util.Map;

/** Functions of a chain that is looked at: few packets, some drops, and a report that would like to be part of the page. */
public final class DashboardFunctions {
    /** What must be seen as text. */
    public static final String MARKUP = "<img src=x onerror='window.taken=1'><script>window.taken=1</script>";

    private DashboardFunctions() {}

    @Introspected
    public record TrickleConfig(int rate) {}

    /** Makes so many packets in a second. */
    @FunctionType(name = "dashboard-trickle", summary = "Makes few packets", kind = FunctionType.Kind.SOURCE)
    public static final class Trickle implements PacketSource {
        private final long gapNanos;
        private long due = System.nanoTime();

        public Trickle(@Parameter TrickleConfig config) {
            gapNanos = 1_000_000_000L / config.rate();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            while (System.nanoTime() >= due && out.create(100, PacketBatch.Side.OUT) >= 0) {
                due += gapNanos;
            }
        }

        @Override
        public boolean exhausted() {
            return false;
        }

        @Override
        public long idleNanos(long nowNanos) {
            return Math.max(0, due - nowNanos);
        }
    }

    /** Drops each tenth packet, and reports markup. */
    @FunctionType(name = "dashboard-hostile", summary = "Reports " + MARKUP)
    public static final class Hostile implements NetworkFunction {
        private DropCause tenth;
        private long seen;

        @Override
        public void start(FunctionContext context) {
            tenth = context.dropCause("tenth");
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                if (++seen % 10 == 0) {
                    out.drop(i, tenth);
                }
            }
        }

        @Override
        public Map<String, Object> report() {
            return Map.of(MARKUP, MARKUP, "seen", seen, "rules", List.of(Map.of("name", MARKUP, "packets", seen)));
        }
    }

    /** Throws over each packet. */
    @FunctionType(name = "dashboard-broken", summary = "Throws over each packet")
    public static final class Broken implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            if (batch.size() > 0) {
                throw new IllegalStateException("broken on purpose");
            }
        }
    }

    /** Sends each second packet back. */
    @FunctionType(name = "dashboard-bounce", summary = "Sends packets back")
    public static final class Bounce implements NetworkFunction {
        private long seen;

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                if (++seen % 2 == 0) {
                    out.forward(i, PacketBatch.Side.IN);
                }
            }
        }
    }

    /** Takes everything. */
    @FunctionType(name = "dashboard-take", summary = "Takes all packets", kind = FunctionType.Kind.SINK)
    public static final class Take implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.consume(i);
            }
        }
    }
}
