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
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.StateScan;
import io.ptnetmap.nfv.api.Stateful;
import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Runs one function over batches of the engine's own making, without ports, links or threads. What {@code
 * io.ptnetmap.nfv.testkit} is built on. Single-threaded.
 */
public final class FunctionHarness implements AutoCloseable {
    /** Buffers are of the size that chains have by default, so long packets lie in several. */
    private static final int BUFFER_SIZE = 2048;

    private static final int PARTS = 2;
    private static final long TIME_NOT_KNOWN = 0;
    private static final int INPUT_SLOTS = 8192;

    private final EmbeddedHost host =
            EmbeddedHost.create(new RegionConfig(10, 1024, 4, 131_072, INPUT_SLOTS + 4 * Batch.BURST, BUFFER_SIZE));
    private final Netmap netmap = Netmap.over(host);
    private final NetmapPort input = netmap.openScratch(1, 1, INPUT_SLOTS - 64);
    private final NetmapPort scratch = netmap.openScratch(1, 1, PARTS * Batch.BURST + 1);
    private final LongSupplier clock;
    private final Instance instance;
    private final Batch batch;
    private final Batch back;
    private final Packet view = new Packet();
    private Optional<StateScan> taking = Optional.empty();
    private int nextSlot;
    private int offered;

    /** The packets of a batch as a function left them, created ones last, and its verdicts on them. */
    public record Outcome(List<byte[]> packets, List<String> verdicts) {}

    /**
     * @param directory where relative file names of the function start
     * @param clock the engine's clock, as the function sees it
     */
    public FunctionHarness(NetworkFunction function, Path directory, LongSupplier clock) {
        this.clock = clock;
        this.instance = Instance.of("test", "test", function);
        this.batch = new Batch(scratch.txRing(0), 0);
        this.back = new Batch(scratch.txRing(0), Batch.BURST);
        instance.start(ChainFiles.in(directory), clock, Resumption.NONE);
    }

    /** Starts a batch. */
    public void begin(Side from) {
        batch.clear(from, clock.getAsLong());
        back.clear(from.opposite(), clock.getAsLong());
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
    public void offer(byte[] packet) {
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
            ring.ptr(slot, TIME_NOT_KNOWN);
            done += part;
        }
        batch.append(ring, first, fragments, packet.length);
        offered++;
    }

    /**
     * Adds a packet that fits one buffer and is still to be written.
     *
     * @param length bytes, 1 to 2048
     * @return its contents as they are, until the next call
     */
    public Packet add(int length) {
        Ring ring = input.txRing(0);
        int slot = nextSlot++;
        int buffer = ring.bufferIndex(slot);
        ring.descriptor(slot, NetmapSlot.descriptor(buffer, length, 0));
        ring.ptr(slot, TIME_NOT_KNOWN);
        batch.append(ring, slot, 1, length);
        offered++;
        return view.wrap(
                ring.bufferAddressOf(buffer), length, ring.bufferSize(), length, ring.ptrAddress(slot), buffer);
    }

    /** Runs the function over the batch, as a worker does, and forgets the packets. Allocates nothing. */
    public void process() {
        batch.enter(instance);
        instance.process(batch);
        batch.leave(back);
    }

    /**
     * Copies some of what the function knows, as its worker does between two batches where its state is to be kept; begins anew
     * when all is copied.
     *
     * @return whether there is more to come
     */
    public boolean takeStep() {
        StateScan scan = taking.orElseGet(() -> instance.scan()
                .orElseThrow(() -> new IllegalStateException("the function is not Stateful"))
                .scan());
        taking = scan.take() ? Optional.of(scan) : Optional.empty();
        return taking.isPresent();
    }

    /** Packets that the function has created in this batch. */
    public int created() {
        return batch.created();
    }

    /** Has the function tick. */
    public void tick() {
        instance.tick(clock.getAsLong());
    }

    /** Runs the function over the batch, and tells what has become of the packets. */
    public Outcome run() {
        batch.enter(instance);
        instance.function().process(batch, batch);
        List<byte[]> packets = new ArrayList<>();
        List<String> verdicts = new ArrayList<>();
        for (int i = 0; i < batch.count(); i++) {
            packets.add(contents(i));
            String cause = batch.dropCause(i);
            verdicts.add(cause.isEmpty() ? batch.verdict(i).toString() : cause);
        }
        batch.leave(back);
        return new Outcome(packets, verdicts);
    }

    private byte[] contents(int index) {
        byte[] packet = new byte[batch.length(index)];
        Ring home = batch.home(index);
        int slot = batch.slot(index);
        int done = 0;
        for (int fragment = 0; fragment < batch.fragments(index); fragment++) {
            int part = home.length(slot);
            MemorySegment.copy(home.buffer(slot), 0, MemorySegment.ofArray(packet), done, part);
            done += part;
            slot = home.next(slot);
        }
        return packet;
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

    /**
     * Hands what the function knows over to another one of the same kind, as a change of a running chain does.
     *
     * @param otherProcess whether it is written and read, rather than handed over as it is
     */
    public Stateful.Takeover handOver(FunctionHarness successor, boolean otherProcess) {
        if (!otherProcess) {
            return instance.handOver(successor.instance).orElseThrow();
        }
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            instance.write(new DataOutputStream(bytes));
            return successor.instance.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /**
     * Takes down what the function knows, as for after a crash.
     *
     * @param between is run after each step but the last one: the function may go on meanwhile
     * @param millis when that is, since 1970
     */
    public byte[] takeState(Runnable between, long millis) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Instance.Scan taking = instance.scan().orElseThrow();
            StateForm.Writer writer = new StateForm.Writer(bytes, instance.type(), taking.version(), millis);
            while (taking.scan().take()) {
                taking.scan().write(writer.content());
                between.run();
            }
            taking.scan().write(writer.content());
            writer.finish();
            return bytes.toByteArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /**
     * Has the function, which has processed nothing yet, go on from what has been taken down of another one.
     *
     * @throws UncheckedIOException if it cannot be used
     */
    public Stateful.Takeover resume(byte[] state) {
        if (!(instance.function() instanceof Stateful<?> young)) {
            throw new IllegalStateException("the function knows nothing that could be kept: it is not Stateful");
        }
        try {
            return StateForm.resume(
                            name -> Optional.of(new ByteArrayInputStream(state)), "test", instance.type(), young, clock)
                    .orElseThrow()
                    .takeover();
        } catch (IOException unusable) {
            throw new UncheckedIOException(unusable);
        }
    }

    @Override
    public void close() {
        instance.function().stop();
        input.close();
        scratch.close();
        netmap.close();
    }
}
