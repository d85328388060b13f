// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketSource;
import java.util.Map;

/** Functions for chains that run as long as a test looks at them, without taking a processor for it. */
public final class NodeTestFunctions {
    private static final long INTERVAL_NANOS = 200_000;
    private static final int LENGTH = 60;

    private NodeTestFunctions() {}

    /** Makes a packet now and then. */
    @FunctionType(name = "drip", summary = "Makes a packet now and then", kind = FunctionType.Kind.SOURCE)
    public static final class Drip implements PacketSource {
        private long last;

        @Override
        public void process(PacketBatch batch, Output out) {
            long now = System.nanoTime();
            if (now - last >= INTERVAL_NANOS && out.create(LENGTH, PacketBatch.Side.OUT) >= 0) {
                last = now;
            }
        }

        @Override
        public boolean exhausted() {
            return false;
        }
    }

    /**
     * @param open whether packets pass
     * @param label says nothing
     */
    @Introspected
    public record GateConfig(boolean open, Map<String, String> label) {}

    /** Lets packets pass, or drops them. */
    @FunctionType(name = "gate", summary = "Lets packets pass, or not")
    public static final class Gate implements NetworkFunction {
        private final GateConfig config;
        private DropCause closed;

        public Gate(@Parameter GateConfig config) {
            this.config = config;
        }

        @Override
        public void start(FunctionContext context) {
            closed = context.dropCause("closed");
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size() && !config.open(); i++) {
                out.drop(i, closed);
            }
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("open", config.open());
        }
    }
}
