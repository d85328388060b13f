// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.PacketSource;
import io.ptnetmap.nfv.api.Stateful;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes UDP or TCP packets with correct checksums, each with a {@link Probe} that the function {@code sink} checks.
 *
 * <p>All packets of one call have the same send time, that of the call.
 */
@FunctionType(
        name = "generator",
        summary = "Makes UDP or TCP traffic of a given rate, size and number of flows",
        kind = FunctionType.Kind.SOURCE)
public final class Generator implements PacketSource, Stateful<Generator.Progress> {
    private static final int STATE_VERSION = 1;

    /**
     * How far a generator has come, for its successor.
     *
     * @param id of the generator
     * @param packets made so far: the next one's sequence number
     */
    record Progress(int id, long packets, long bytes, int nextFlow) {}

    private final GeneratorConfig config;
    private final Templates templates;
    private final Pacer pacer;
    private final int[] sizes;
    private int nextSize;
    private int nextFlow;
    private long packets;
    private long bytes;

    public Generator(@Parameter GeneratorConfig config) {
        this.config = config;
        templates = new Templates(config);
        pacer = new Pacer(config.rate());
        int minimum = templates.smallestPacket();
        if (config.size().smallest() < minimum && !config.size().isMix()) {
            throw new ConfigurationException(
                    "size",
                    config.size().smallest() + " bytes do not hold the headers and a probe: " + minimum + " at least");
        }
        sizes = config.size().sequence(minimum);
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        if (config.size().largest() > out.maxCreateLength()) {
            throw new ConfigurationException(
                    "size",
                    config.size().largest() + " bytes do not fit a packet buffer: " + out.maxCreateLength()
                            + " at most");
        }
        int budget = pacer.budget(batch.nowNanos(), (int) Math.min(remaining(), PacketBatch.MAX_SIZE));
        long sentNanos = System.nanoTime();
        int made = 0;
        while (made < budget && make(batch, out, sentNanos)) {
            made++;
        }
        pacer.sent(made);
    }

    private boolean make(PacketBatch batch, Output out, long sentNanos) {
        int index = out.create(sizes[nextSize], Side.OUT);
        if (index < 0) {
            return false;
        }
        Packet packet = batch.packet(index);
        templates.write(packet, nextFlow, packets, sentNanos);
        packets++;
        bytes += packet.length();
        nextSize = nextSize + 1 == sizes.length ? 0 : nextSize + 1;
        nextFlow = nextFlow + 1 == config.flows() ? 0 : nextFlow + 1;
        return true;
    }

    private long remaining() {
        return config.count() == 0 ? Long.MAX_VALUE : Math.max(0, config.count() - packets);
    }

    @Override
    public boolean exhausted() {
        return remaining() == 0;
    }

    @Override
    public long idleNanos(long nowNanos) {
        return pacer.untilNext(nowNanos);
    }

    @Override
    public Progress handOver() {
        return new Progress(config.id(), packets, bytes, nextFlow);
    }

    /** {@inheritDoc} Sequence numbers go on, unless this generator is to be told apart from the other one. */
    @Override
    public Takeover takeOver(Progress progress) {
        if (progress.id() != config.id()) {
            return new Takeover(Map.of(), Map.of("sequence numbers of another id", 1L));
        }
        packets = progress.packets();
        bytes = progress.bytes();
        nextFlow = progress.nextFlow() % config.flows();
        return new Takeover(Map.of("packets", packets), Map.of());
    }

    @Override
    public int stateVersion() {
        return STATE_VERSION;
    }

    @Override
    public void write(Progress progress, DataOutput out) throws IOException {
        out.writeInt(progress.id());
        out.writeLong(progress.packets());
        out.writeLong(progress.bytes());
        out.writeInt(progress.nextFlow());
    }

    @Override
    public Progress read(DataInput in, int version, long writtenNanos) throws IOException {
        if (version != STATE_VERSION) {
            throw new IOException("a generator's state in form " + version + " instead of " + STATE_VERSION);
        }
        return new Progress(in.readInt(), in.readLong(), in.readLong(), in.readInt());
    }

    @Override
    public Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("id", config.id());
        report.put("packets", packets);
        report.put("bytes", bytes);
        return report;
    }
}
