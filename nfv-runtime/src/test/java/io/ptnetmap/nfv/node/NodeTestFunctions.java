// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FileName;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketSource;
import jakarta.validation.constraints.Min;
import java.util.Map;
import java.util.Optional;

/** Functions that leave a processor in peace. */
public final class NodeTestFunctions {
    private NodeTestFunctions() {}

    /**
     * @param count packets to make; 0 = no end
     * @param perTick packets per look at the clock
     */
    @Introspected
    public record TrickleConfig(
            @JsonProperty(defaultValue = "0") @Min(0) long count,
            @JsonProperty(defaultValue = "1") @Min(1) int perTick,
            @FileName Optional<String> file) {}

    /** Makes a packet now and then. */
    @FunctionType(name = "trickle", summary = "A few packets", kind = FunctionType.Kind.SOURCE)
    public static final class Trickle implements PacketSource {
        private final TrickleConfig config;
        private long made;
        private int due;

        public Trickle(@Parameter TrickleConfig config) {
            this.config = config;
        }

        @Override
        public void tick(long nowNanos) {
            due = config.perTick();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            while (due > 0 && !exhausted() && out.create(60, PacketBatch.Side.OUT) >= 0) {
                due--;
                made++;
            }
        }

        @Override
        public boolean exhausted() {
            return config.count() > 0 && made >= config.count();
        }

        @Override
        public long idleNanos(long nowNanos) {
            return due > 0 ? 0 : Long.MAX_VALUE;
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("made", made);
        }
    }

    /** @param label is what it reports; {@code forbidden} is refused at the start, {@code fatal} throws with the first packet */
    @Introspected
    public record LabelConfig(
            @JsonProperty(defaultValue = "none") String label) {}

    /** Passes packets under a label. */
    @FunctionType(name = "label", summary = "Passes packets")
    public static final class Label implements NetworkFunction {
        private final LabelConfig config;

        public Label(@Parameter LabelConfig config) {
            this.config = config;
        }

        @Override
        public void start(FunctionContext context) {
            if (config.label().equals("forbidden")) {
                throw new ConfigurationException("label", "may not be that");
            }
            if (config.label().startsWith("/")) {
                // As a function does that forgot to say that this names a file.
                context.resolve(config.label());
            }
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            if (config.label().equals("fatal") && batch.size() > 0) {
                throw new IllegalStateException("a fatal packet");
            }
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("label", config.label());
        }
    }

    /** Takes everything. */
    @FunctionType(name = "hole", summary = "Takes all packets", kind = FunctionType.Kind.SINK)
    public static final class Hole implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.consume(i);
            }
        }
    }
}
