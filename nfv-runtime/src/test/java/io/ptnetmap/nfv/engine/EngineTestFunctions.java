// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketSource;
import java.util.Map;

/** Functions that show whether the engine loses, doubles or reorders packets. */
public final class EngineTestFunctions {
    private EngineTestFunctions() {}

    @Introspected
    public record CountConfig(long count) {}

    /** Numbers its packets. */
    @FunctionType(name = "counting-source", summary = "Numbered packets", kind = FunctionType.Kind.SOURCE)
    public static final class CountingSource implements PacketSource {
        private final long count;
        private long next;

        public CountingSource(@Parameter CountConfig config) {
            count = config.count();
        }

        @Override
        public void start(FunctionContext context) {
            StandingBack.worker();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            while (next < count) {
                int index = out.create(60, PacketBatch.Side.OUT);
                if (index < 0) {
                    return;
                }
                Packet packet = batch.packet(index);
                packet.i64(14, next++);
                packet.timestampNanos(next);
            }
        }

        @Override
        public boolean exhausted() {
            return next == count;
        }
    }

    /** Makes a packet each 5 ms, and tells when the next one is due. */
    @FunctionType(name = "rare-source", summary = "A packet now and then", kind = FunctionType.Kind.SOURCE)
    public static final class RareSource implements PacketSource {
        private static final long INTERVAL = 5_000_000;
        private final long count;
        private long next;
        private long calls;
        private long began;

        public RareSource(@Parameter CountConfig config) {
            count = config.count();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            began = calls++ == 0 ? batch.nowNanos() : began;
            if (idleNanos(batch.nowNanos()) == 0 && next < count) {
                int index = out.create(60, PacketBatch.Side.OUT);
                if (index >= 0) {
                    batch.packet(index).i64(14, next++);
                }
            }
        }

        @Override
        public long idleNanos(long nowNanos) {
            return Math.max(0, began + next * INTERVAL - nowNanos);
        }

        @Override
        public boolean exhausted() {
            return next == count;
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("calls", calls);
        }
    }

    /** Leaves packets alone. */
    @FunctionType(name = "pass", summary = "Passes packets")
    public static final class Pass implements NetworkFunction {
        @Override
        public void start(FunctionContext context) {
            StandingBack.worker();
        }

        @Override
        public void process(PacketBatch batch, Output out) {}
    }

    /** Makes an object for each packet. */
    @FunctionType(name = "allocating", summary = "Allocates")
    public static final class Allocating implements NetworkFunction {
        private volatile Object last = "";

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                last = new int[] {i};
            }
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("last", last.toString());
        }
    }

    /** Looks at packets, and tries what it may not. */
    @FunctionType(name = "observer", summary = "Looks at packets", readOnly = true)
    public static final class Observer implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.consume(i);
            }
        }
    }

    /** Counts packets that carry the number expected next. */
    @FunctionType(name = "checking-sink", summary = "Checks numbers", kind = FunctionType.Kind.SINK)
    public static final class CheckingSink implements NetworkFunction {
        private long inOrder;

        @Override
        public void start(FunctionContext context) {
            StandingBack.worker();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                if (packet.i64(14) == inOrder && packet.timestampNanos() == inOrder + 1) {
                    inOrder++;
                }
                out.consume(i);
            }
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("in-order", inOrder);
        }
    }
}
