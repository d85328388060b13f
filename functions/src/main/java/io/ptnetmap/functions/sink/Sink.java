// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.sink;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.functions.generator.Probe;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Ipv4;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Consumes all packets, counts them, and checks the {@link Probe}s in those that a generator made: which are missing, came twice
 * or out of order, are damaged, were copied on their way, and how long they took.
 *
 * <p>Latencies are from the generator's batch to this one's, up to one minute. Damaged packets are counted as such and, as their
 * sequence number cannot be believed, as lost.
 */
@FunctionType(
        name = "sink",
        summary = "Consumes and counts packets; checks generated ones for loss, order, damage, copies and latency",
        kind = FunctionType.Kind.SINK)
public final class Sink implements NetworkFunction, Stateful<SinkState> {
    private static final int STATE_VERSION = 1;

    private static final long MAX_LATENCY = TimeUnit.MINUTES.toNanos(1);
    private static final double NANOS_PER_MICRO = 1_000;
    private static final int MAX_PACKET_LENGTH = 0x10000;

    private final SinkConfig config;
    private final Headers headers = new Headers();
    private final Ipv4 ipv4 = new Ipv4();
    private final byte[] scratch = new byte[MAX_PACKET_LENGTH];
    private final SequenceCheck[] generators = new SequenceCheck[Probe.IDS];
    private Histogram latencies = new Histogram(1, MAX_LATENCY, 3);
    private long packets;
    private long bytes;
    private long others;
    private long damaged;
    private long inPlace;
    private long copied;

    public Sink(@Parameter SinkConfig config) {
        this.config = config;
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        long nowNanos = System.nanoTime();
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            packets++;
            bytes += packet.totalLength();
            check(packet, nowNanos);
            out.consume(i);
        }
    }

    private void check(Packet packet, long nowNanos) {
        boolean isProbe = headers.parse(packet)
                && headers.hasPorts()
                && Probe.isAt(packet, headers.payloadOffset(), headers.payloadLength());
        if (!isProbe) {
            others++;
        } else if (config.checkContent() && !isIntact(packet)) {
            damaged++;
        } else {
            accept(packet, headers.payloadOffset(), nowNanos);
        }
    }

    private boolean isIntact(Packet packet) {
        int end = Math.min(headers.payloadOffset() + headers.payloadLength(), packet.length());
        boolean headerIntact = !headers.isIpv4() || ipv4.wrap(packet, headers.l3Offset()) && Checksum.valid(ipv4);
        return headerIntact
                && Checksum.transportValid(headers)
                && Probe.isIntact(packet, headers.payloadOffset(), end, scratch);
    }

    private void accept(Packet packet, int offset, long nowNanos) {
        int id = Probe.id(packet, offset);
        if (generators[id] == null) {
            generators[id] = new SequenceCheck();
        }
        generators[id].accept(Probe.sequence(packet, offset));
        if (Probe.tellsBuffer(packet, offset)) {
            if (Probe.isInPlace(packet, offset)) {
                inPlace++;
            } else {
                copied++;
            }
        }
        if (config.latency()) {
            latencies.recordValue(Math.clamp(Probe.ageNanos(packet, offset, nowNanos), 0, MAX_LATENCY));
        }
    }

    /**
     * Packets and bytes in all; {@code others} that no generator made; {@code damaged} ones; {@code generators} by id, with {@code
     * received}, {@code lost}, {@code duplicated} and {@code reordered} packets; {@code zero-copy} of those generators that write
     * buffer indexes: packets that arrived {@code in-place}, in the buffer that they were made in, and those {@code copied}; and
     * {@code latency-us}, microseconds.
     */
    @Override
    public Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("packets", packets);
        report.put("bytes", bytes);
        report.put("others", others);
        report.put("damaged", damaged);
        report.put("generators", generatorReports());
        if (inPlace + copied > 0) {
            Map<String, Object> zeroCopy = new LinkedHashMap<>();
            zeroCopy.put("in-place", inPlace);
            zeroCopy.put("copied", copied);
            report.put("zero-copy", zeroCopy);
        }
        if (latencies.getTotalCount() > 0) {
            report.put("latency-us", latencyReport());
        }
        return report;
    }

    /** All that has come, with the sequence numbers of each generator. */
    @Override
    public SinkState handOver() {
        Map<Integer, SequenceCheck> seen = new TreeMap<>();
        for (int id = 0; id < generators.length; id++) {
            if (generators[id] != null) {
                seen.put(id, generators[id]);
            }
        }
        return new SinkState(new long[] {packets, bytes, others, damaged, inPlace, copied}, seen, latencies);
    }

    @Override
    public Takeover takeOver(SinkState state) {
        packets = state.counts()[0];
        bytes = state.counts()[1];
        others = state.counts()[2];
        damaged = state.counts()[3];
        inPlace = state.counts()[4];
        copied = state.counts()[5];
        state.generators().forEach((id, check) -> generators[id] = check);
        latencies = state.latencies();
        return new Takeover(Map.of("generators", (long) state.generators().size()), Map.of());
    }

    @Override
    public int stateVersion() {
        return STATE_VERSION;
    }

    @Override
    public void write(SinkState state, DataOutput out) throws IOException {
        for (long count : state.counts()) {
            out.writeLong(count);
        }
        out.writeInt(state.generators().size());
        for (Map.Entry<Integer, SequenceCheck> generator : state.generators().entrySet()) {
            out.writeInt(generator.getKey());
            generator.getValue().write(out);
        }
        ByteBuffer encoded = ByteBuffer.allocate(state.latencies().getNeededByteBufferCapacity());
        int length = state.latencies().encodeIntoByteBuffer(encoded);
        out.writeInt(length);
        out.write(encoded.array(), 0, length);
    }

    @Override
    public SinkState read(DataInput in, int version, long writtenNanos) throws IOException {
        if (version != STATE_VERSION) {
            throw new IOException("a sink's state in form " + version + " instead of " + STATE_VERSION);
        }
        long[] counts = new long[SinkState.COUNTS];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.readLong();
        }
        Map<Integer, SequenceCheck> seen = new TreeMap<>();
        for (int i = in.readInt(); i > 0; i--) {
            seen.put(in.readInt() & Probe.IDS - 1, SequenceCheck.read(in));
        }
        byte[] encoded = new byte[in.readInt()];
        in.readFully(encoded);
        return new SinkState(counts, seen, Histogram.decodeFromByteBuffer(ByteBuffer.wrap(encoded), MAX_LATENCY));
    }

    private Map<String, Object> generatorReports() {
        Map<String, Object> reports = new TreeMap<>();
        for (int id = 0; id < generators.length; id++) {
            if (generators[id] != null) {
                reports.put(Integer.toString(id), generatorReport(generators[id]));
            }
        }
        return reports;
    }

    private static Map<String, Object> generatorReport(SequenceCheck check) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("received", check.received());
        report.put("lost", check.lost());
        report.put("duplicated", check.duplicated());
        report.put("reordered", check.reordered());
        return report;
    }

    private Map<String, Object> latencyReport() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("p50", latencies.getValueAtPercentile(50) / NANOS_PER_MICRO);
        report.put("p99", latencies.getValueAtPercentile(99) / NANOS_PER_MICRO);
        report.put("p99.9", latencies.getValueAtPercentile(99.9) / NANOS_PER_MICRO);
        report.put("max", latencies.getMaxValue() / NANOS_PER_MICRO);
        return report;
    }
}
