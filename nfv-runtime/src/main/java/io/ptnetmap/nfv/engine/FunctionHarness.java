// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Ring;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Runs one function over batches of the engine's own making, without ports, links or threads. What {@code
 * io.ptnetmap.nfv.testkit} is built on. Single-threaded.
 */
public final class FunctionHarness implements AutoCloseable {
    /** Buffers are of the size that chains have by default, so long packets lie in several. */
    private static final int BUFFER_SIZE = 2048;

    private static final int PARTS = 2;
    private static final int INPUT_SLOTS = 8192;

    private final EmbeddedHost host =
            EmbeddedHost.create(new RegionConfig(10, 1024, 4, 131_072, INPUT_SLOTS + 4 * Batch.BURST, BUFFER_SIZE));
    private final Netmap netmap = Netmap.over(host);
    private final NetmapPort input = netmap.openScratch(1, 1, INPUT_SLOTS - 64);
    private final NetmapPort scratch = netmap.openScratch(1, 1, PARTS * Batch.BURST + 1);
    private final Instance instance;
    private final Batch batch;
    private final Batch back;
    private int nextSlot;
    private int offered;

    /** How a batch came out of a function, packet by packet in the order of decision. */
    public record Outcome(List<byte[]> forwarded, List<byte[]> returned) {}

    /**
     * @param directory where relative file names of the function start
     */
    public FunctionHarness(NetworkFunction function, boolean readOnly, Path directory) {
        this.instance = new Instance("test", "test", function, readOnly, new Account());
        this.batch = new Batch(scratch.txRing(0), 0);
        this.back = new Batch(scratch.txRing(0), Batch.BURST);
        instance.start(directory);
    }

    /** Starts a batch. */
    public void begin(Side from, long nowNanos) {
        batch.clear(from, nowNanos);
        back.clear(from.opposite(), nowNanos);
        nextSlot = 0;
        offered = 0;
    }

    /** Whether a packet of this length still fits the batch. */
    public boolean hasRoom(int length) {
        return offered < Batch.BURST
                && nextSlot + slotsFor(length) < input.txRing(0).slots();
    }

    private static int slotsFor(int length) {
        return Math.max(1, (length + BUFFER_SIZE - 1) / BUFFER_SIZE);
    }

    /** Adds a packet, over several buffers where it is long. */
    public void offer(byte[] packet, long timestampNanos) {
        Ring ring = input.txRing(0);
        int first = nextSlot;
        int fragments = slotsFor(packet.length);
        int done = 0;
        for (int i = 0; i < fragments; i++) {
            int part = Math.min(BUFFER_SIZE, packet.length - done);
            int slot = nextSlot++;
            Memory.copy(packet, done, ring.bufferAddress(slot), part);
            ring.descriptor(
                    slot,
                    NetmapSlot.descriptor(
                            ring.bufferIndex(slot), part, i + 1 < fragments ? NetmapSlot.NS_MOREFRAG : 0));
            ring.ptr(slot, timestampNanos);
            done += part;
        }
        batch.append(ring, first, fragments, packet.length);
        offered++;
    }

    /** Runs the function over the batch; what it does not forward or return is in the accounts. */
    public Outcome run() {
        batch.enter(instance);
        instance.function().process(batch, batch);
        batch.leave(back);
        return new Outcome(contents(batch), contents(back));
    }

    private static List<byte[]> contents(Batch batch) {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < batch.count(); i++) {
            byte[] packet = new byte[batch.length(i)];
            Ring home = batch.home(i);
            int slot = batch.slot(i);
            int done = 0;
            for (int fragment = 0; fragment < batch.fragments(i); fragment++) {
                int part = home.length(slot);
                MemorySegment.copy(home.buffer(slot), 0, MemorySegment.ofArray(packet), done, part);
                done += part;
                slot = home.next(slot);
            }
            packets.add(packet);
        }
        return packets;
    }

    /** The function's account, in the engine's terms. */
    public Conservation conservation() {
        Account account = instance.account();
        return new Conservation(
                account.received.value(),
                account.created.value(),
                account.sent.value(),
                account.dropped(),
                account.consumed.value(),
                0);
    }

    /** Drops so far, by cause. */
    public Map<String, Long> drops() {
        return instance.account().drops();
    }

    public Collection<Counter> counters() {
        return instance.account().counters();
    }

    @Override
    public void close() {
        instance.function().stop();
        input.close();
        scratch.close();
        netmap.close();
    }
}
