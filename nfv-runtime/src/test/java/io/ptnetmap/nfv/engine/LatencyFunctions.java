// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.PacketSource;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Functions that take their time, and functions that measure it by what packets carry. */
public final class LatencyFunctions {
    private static final int TIME_OFFSET = 16;

    private LatencyFunctions() {}

    /** @param micros between two packets, or that a batch takes */
    @Introspected
    public record PaceConfig(long micros) {}

    /** Writes into each packet when it was made. */
    @FunctionType(name = "timed-source", summary = "Packets with times", kind = FunctionType.Kind.SOURCE)
    public static final class TimedSource implements PacketSource {
        private final long interval;
        private long next;

        public TimedSource(@Parameter PaceConfig config) {
            interval = config.micros() * 1000;
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            long now = System.nanoTime();
            if (now - next >= 0) {
                int index = out.create(64, Side.OUT);
                batch.packet(index).i64(TIME_OFFSET, now);
                next = now + interval;
            }
        }

        @Override
        public boolean exhausted() {
            return false;
        }
    }

    /** Sleeps over each batch. */
    @FunctionType(name = "dawdle", summary = "Takes its time")
    public static final class Dawdle implements NetworkFunction {
        private final long nanos;

        public Dawdle(@Parameter PaceConfig config) {
            nanos = config.micros() * 1000;
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            long end = System.nanoTime() + nanos;
            while (System.nanoTime() - end < 0) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        }
    }

    /** Sends all packets back. */
    @FunctionType(name = "turn-round", summary = "Sends packets back", kind = FunctionType.Kind.SINK)
    public static final class TurnRound implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.forward(i, Side.IN);
            }
        }
    }

    /** Reports how old packets were that came. */
    @FunctionType(name = "age-sink", summary = "Looks how old packets are", kind = FunctionType.Kind.SINK)
    public static final class AgeSink implements NetworkFunction {
        private final Histogram ages = new Histogram(3);

        @Override
        public void process(PacketBatch batch, Output out) {
            long now = System.nanoTime();
            for (int i = 0; i < batch.size(); i++) {
                ages.recordValue(now - batch.packet(i).i64(TIME_OFFSET));
                out.consume(i);
            }
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("p50", ages.getValueAtPercentile(50), "p90", ages.getValueAtPercentile(90));
        }
    }
}
