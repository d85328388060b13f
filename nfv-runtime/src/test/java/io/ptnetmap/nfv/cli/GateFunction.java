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
import java.util.Map;

/** A function whose configuration shows in what becomes of packets. */
public final class GateFunction {

    private GateFunction() {}

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
