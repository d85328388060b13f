// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Functions that misbehave, and functions that use every verdict there is. */
public final class FaultyFunctions {
    /** How often functions of these kinds have been stopped, in this process. */
    static final AtomicInteger STOPS = new AtomicInteger();

    private FaultyFunctions() {}

    /** @param where the call that throws: {@code start}, {@code process}, {@code tick}, {@code stop}, {@code report} ... */
    @Introspected
    public record FaultConfig(String where) {}

    /** Throws in one of its methods. */
    @FunctionType(name = "faulty", summary = "Throws")
    public static final class Faulty implements NetworkFunction {
        private final String where;

        public Faulty(@Parameter FaultConfig config) {
            where = config.where();
            failAt("constructor");
        }

        private void failAt(String place) {
            if (where.equals(place)) {
                throw new IllegalStateException("broken " + place);
            }
        }

        @Override
        public void start(FunctionContext context) {
            failAt("start");
            if (where.equals("config")) {
                throw new ConfigurationException("where", "nowhere to be found; choose another");
            }
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            failAt("process");
            if (where.equals("error") && batch.size() != 0) {
                throw new NoClassDefFoundError("missing/Helper");
            }
            if (where.equals("null-cause") && batch.size() != 0) {
                out.drop(0, null);
            }
        }

        @Override
        public void tick(long nowNanos) {
            failAt("tick");
        }

        @Override
        public void stop() {
            STOPS.incrementAndGet();
            failAt("stop");
        }

        @Override
        public Map<String, Object> report() {
            failAt("report");
            return Map.of();
        }
    }

    /** Gives one packet after the other another fate. */
    @FunctionType(name = "mixer", summary = "Every verdict")
    public static final class Mixer implements NetworkFunction {
        private DropCause mixed;
        private long seen;

        @Override
        public void start(FunctionContext context) {
            mixed = context.dropCause("mixed");
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                decide(i, batch.side(), out);
            }
        }

        private void decide(int index, Side side, Output out) {
            switch ((int) (seen++ % 8)) {
                case 0 -> out.forward(index, side);
                case 1 -> out.drop(index, mixed);
                case 2 -> out.consume(index);
                case 3 -> out.create(60, side);
                case 4 -> out.create(0, side.opposite());
                case 5 -> {
                    out.drop(index, mixed);
                    out.consume(index);
                    out.forward(index);
                }
                case 6 -> {
                    out.forward(index);
                    out.forward(index, side);
                    out.forward(index, side.opposite());
                }
                default -> {}
            }
        }
    }

    /** Sends all packets back. */
    @FunctionType(name = "mirror", summary = "Sends packets back", kind = FunctionType.Kind.SINK)
    public static final class Mirror implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.forward(i, batch.side());
            }
        }
    }

    /** Sends all packets back, from the middle. */
    @FunctionType(name = "wall", summary = "Sends packets back")
    public static final class Wall implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.forward(i, batch.side());
            }
        }
    }

    /** Takes its time over each batch. */
    @FunctionType(name = "slow-sink", summary = "Takes packets slowly", kind = FunctionType.Kind.SINK)
    public static final class SlowSink implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.consume(i);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
