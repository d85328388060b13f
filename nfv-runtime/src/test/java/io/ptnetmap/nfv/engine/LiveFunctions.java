// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.micronaut.context.annotation.Parameter;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.PacketSource;
import io.ptnetmap.nfv.api.Stateful;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Functions that tell what a change of a running chain has done to them and to the packets of {@link EngineTestFunctions}. */
public final class LiveFunctions {
    /** Instances that have been started and not stopped, in this process. */
    public static final AtomicInteger RUNNING = new AtomicInteger();

    /** Whether gated sources make packets. */
    public static final AtomicBoolean GATE = new AtomicBoolean();

    private LiveFunctions() {}

    /** Makes its packets as soon as it may. */
    @FunctionType(name = "gated-source", summary = "Makes packets when told to", kind = FunctionType.Kind.SOURCE)
    public static final class GatedSource implements PacketSource {
        private final long count;
        private long next;

        public GatedSource(@Parameter EngineTestFunctions.CountConfig config) {
            count = config.count();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            while (GATE.get() && next < count) {
                int index = out.create(60, Side.OUT);
                if (index < 0) {
                    return;
                }
                batch.packet(index).i64(14, next++);
            }
        }

        @Override
        public boolean exhausted() {
            return next == count;
        }
    }

    /**
     * @param step tells one configuration from another
     * @param fault the call that throws: {@code none}, {@code constructor}, {@code start}, {@code config}, {@code hand-over} or
     *     {@code take-over}
     */
    @Introspected
    public record TallyConfig(int step, String fault) {}

    /** What a {@link Tally} has seen: of each direction the number of packets, the number in the last one, and gaps. */
    record Seen(long[] packets, long[] last, long gaps, long disorders) {}

    /** Counts packets and looks whether their numbers go up, those towards the chain's end by one; hands on what it knows. */
    @FunctionType(name = "tally", summary = "Counts packets, and checks their order")
    public static final class Tally implements NetworkFunction, Stateful<Seen> {
        private final TallyConfig config;
        private long[] packets = new long[2];
        private long[] last = {-1, -1};
        private long gaps;
        private long disorders;

        public Tally(@Parameter TallyConfig config) {
            this.config = config;
            failAt("constructor");
        }

        private void failAt(String place) {
            if (config.fault().equals(place)) {
                throw new IllegalStateException("broken " + place);
            }
        }

        @Override
        public void start(FunctionContext context) {
            failAt("start");
            if (config.fault().equals("config")) {
                throw new ConfigurationException("step", "cannot be " + config.step());
            }
            RUNNING.incrementAndGet();
            StandingBack.worker();
        }

        @Override
        public void stop() {
            RUNNING.decrementAndGet();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            int side = batch.side() == Side.IN ? 0 : 1;
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                long number = packet.i64(14);
                if (last[side] >= 0) {
                    gaps += side == 0 && number > last[side] + 1 ? 1 : 0;
                    disorders += number <= last[side] ? 1 : 0;
                }
                last[side] = number;
                packets[side]++;
            }
        }

        @Override
        public Map<String, Object> report() {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("step", config.step());
            report.put("packets", packets[0]);
            report.put("gaps", gaps);
            report.put("disorders", disorders);
            return report;
        }

        @Override
        public Seen handOver() {
            failAt("hand-over");
            return new Seen(packets, last, gaps, disorders);
        }

        @Override
        public Takeover takeOver(Seen seen) {
            failAt("take-over");
            packets = seen.packets();
            last = seen.last();
            gaps = seen.gaps();
            disorders = seen.disorders();
            return new Takeover(Map.of("packets", packets[0]), Map.of());
        }

        @Override
        public int stateVersion() {
            return 1;
        }

        @Override
        public void write(Seen seen, DataOutput out) throws IOException {
            for (int side = 0; side < 2; side++) {
                out.writeLong(seen.packets()[side]);
                out.writeLong(seen.last()[side]);
            }
            out.writeLong(seen.gaps());
            out.writeLong(seen.disorders());
        }

        @Override
        public Seen read(DataInput in, int version, long writtenNanos) throws IOException {
            Seen seen = new Seen(new long[2], new long[2], 0, 0);
            for (int side = 0; side < 2; side++) {
                seen.packets()[side] = in.readLong();
                seen.last()[side] = in.readLong();
            }
            return new Seen(seen.packets(), seen.last(), in.readLong(), in.readLong());
        }
    }

    /** @param first whether packets come to no other one before */
    @Introspected
    public record WaypointConfig(boolean first) {}

    /** Notes in each packet how many of its kind it has come to. */
    @FunctionType(name = "waypoint", summary = "Counts in packets the functions that they pass")
    public static final class Waypoint implements NetworkFunction {
        /** Where the packet says it. */
        public static final int PLACE = 29;

        private final boolean first;

        public Waypoint(@Parameter WaypointConfig config) {
            first = config.first();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                Packet packet = batch.packet(i);
                packet.u8(PLACE, first ? 1 : packet.u8(PLACE) + 1);
            }
        }
    }

    /** Checks numbers as {@link EngineTestFunctions.CheckingSink} does, and sends all packets back. */
    @FunctionType(name = "echo", summary = "Checks numbers, sends packets back", kind = FunctionType.Kind.SINK)
    public static final class Echo implements NetworkFunction {
        private long inOrder;

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                inOrder += batch.packet(i).i64(14) == inOrder ? 1 : 0;
                out.forward(i, batch.side());
            }
        }

        @Override
        public Map<String, Object> report() {
            return Map.of("in-order", inOrder);
        }
    }

    /** @param file that it reads */
    @Introspected
    public record ReaderConfig(String file) {}

    /** Tells what is in a file. */
    @FunctionType(name = "reader", summary = "Reads a file at its start")
    public static final class Reader implements NetworkFunction {
        private final ReaderConfig config;
        private String text = "";

        public Reader(@Parameter ReaderConfig config) {
            this.config = config;
        }

        @Override
        public void start(FunctionContext context) {
            try {
                text = Files.readString(context.resolve(config.file()));
            } catch (IOException unreadable) {
                throw new ConfigurationException("file", "cannot be read: " + unreadable);
            }
        }

        @Override
        public void process(PacketBatch batch, Output out) {}

        @Override
        public Map<String, Object> report() {
            return Map.of("text", text);
        }
    }

    /** Takes some packets, and then none for a long time. */
    @FunctionType(name = "stuck-sink", summary = "Takes its time", kind = FunctionType.Kind.SINK)
    public static final class StuckSink implements NetworkFunction {
        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < batch.size(); i++) {
                out.consume(i);
            }
            LockSupport.parkNanos(1_500_000_000L);
        }
    }

    /** Numbers its packets, and makes as many as a batch has room for, but no more than are read at once. */
    @FunctionType(name = "burst-source", summary = "Numbered packets", kind = FunctionType.Kind.SOURCE)
    public static final class BurstSource implements PacketSource {
        private final long count;
        private long next;

        public BurstSource(@Parameter EngineTestFunctions.CountConfig config) {
            count = config.count();
        }

        @Override
        public void start(FunctionContext context) {
            StandingBack.worker();
        }

        @Override
        public void process(PacketBatch batch, Output out) {
            for (int i = 0; i < Batch.BURST && next < count; i++) {
                Packet packet = batch.packet(out.create(60, Side.OUT));
                packet.i64(14, next++);
                packet.timestampNanos(next);
            }
        }

        @Override
        public boolean exhausted() {
            return next == count;
        }
    }
}
