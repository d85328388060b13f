// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A batch in memory of its own, the verdicts on its packets, and the context of the functions that decide over it.
 *
 * <p>For what {@link io.ptnetmap.nfv.testkit.FunctionTester} does not do: it allocates nothing once it is there, is full
 * at {@link #MAX_SIZE} packets, and takes one function's packets to the next.
 */
public final class TestBatch implements PacketBatch, Output, FunctionContext {
    /** Bytes of a packet's buffer; longer packets have a longer one. */
    private static final int BUFFER_SIZE = 2048;

    private static final DropCause CONSUMED = new DropCause("consumed");

    private final MemorySegment memory = Arena.ofAuto().allocate(2L * MAX_SIZE * BUFFER_SIZE, 64);
    private final MemorySegment timestamps = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MAX_SIZE);
    private final Packet view = new Packet();
    private final int[] offsets = new int[MAX_SIZE + 1];
    private final int[] lengths = new int[MAX_SIZE];
    private final int[] totalLengths = new int[MAX_SIZE];
    private final DropCause[] drops = new DropCause[MAX_SIZE];
    private final Map<String, DropCause> causes = new HashMap<>();
    private final Map<String, Counter> counters = new HashMap<>();
    private final Path directory;
    private Side side = Side.IN;
    private long nowNanos = 1_000;
    private int room = MAX_SIZE;
    private int size;
    private int created;
    private int firstBuffer = 2;

    public TestBatch() {
        this(Path.of(""));
    }

    /** A batch for functions whose files are relative to {@code directory}. */
    public TestBatch(Path directory) {
        this.directory = directory;
    }

    /** Empties the batch, for packets from the chain's beginning. */
    public TestBatch clear() {
        return clear(Side.IN);
    }

    /** Empties the batch, for packets that come in at a side. */
    public TestBatch clear(Side from) {
        side = from;
        size = 0;
        created = 0;
        return this;
    }

    /** Adds a packet, to be forwarded unless a function says otherwise. */
    public TestBatch add(byte[] packet) {
        return add(packet, packet.length, 0);
    }

    /** Adds a packet of which the first buffer holds {@code bytes}. */
    public TestBatch add(byte[] bytes, int totalLength, long timestampNanos) {
        place(size, bytes.length, totalLength, timestampNanos);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, offsets[size], bytes.length);
        size++;
        return this;
    }

    /** Turns the packets that a source created into the input of the next function. */
    public TestBatch createdAsInput() {
        size += created;
        created = 0;
        return this;
    }

    /** Has a function decide over the batch. */
    public TestBatch run(NetworkFunction function) {
        function.process(this, this);
        return this;
    }

    /** Moves the clock on. */
    public TestBatch advance(long nanos) {
        nowNanos += nanos;
        return this;
    }

    /** Limits the packets that can be created in one batch. */
    public void room(int packets) {
        room = packets;
    }

    /** Number of packets that functions created. */
    public int created() {
        return created;
    }

    /** Whether a packet leaves the function, at any side. */
    public boolean forwarded(int index) {
        return drops[index] == null;
    }

    /** What happened to a packet: {@code forwarded}, {@code consumed}, or the name of the drop's cause. */
    public String verdict(int index) {
        return forwarded(index) ? "forwarded" : drops[index].name();
    }

    /** A packet's bytes as they are now. */
    public byte[] bytes(int index) {
        return memory.asSlice(offsets[index], lengths[index]).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Number of packets dropped for a cause since the beginning. */
    public long dropped(String cause) {
        return dropCause(cause).packets().value();
    }

    /** Value of a counter that a function has registered. */
    public long counter(String name) {
        return counters.get(name).value();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Packet packet(int index) {
        if (index < 0 || index >= size + created) {
            throw new IndexOutOfBoundsException(index);
        }
        return view.wrap(
                memory.address() + offsets[index],
                lengths[index],
                offsets[index + 1] - offsets[index],
                totalLengths[index],
                timestamps.address() + (long) Long.BYTES * index,
                firstBuffer + index);
    }

    /** Gives the packets other buffers, as copying them would do. */
    public TestBatch copied() {
        firstBuffer += MAX_SIZE;
        return this;
    }

    @Override
    public Side side() {
        return side;
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public void forward(int index) {
        drops[index] = null;
    }

    @Override
    public void forward(int index, Side to) {
        drops[index] = null;
    }

    @Override
    public void drop(int index, DropCause cause) {
        cause.packets().add(1);
        drops[index] = cause;
    }

    @Override
    public void consume(int index) {
        drops[index] = CONSUMED;
    }

    @Override
    public int create(int length, Side to) {
        if (length < 0 || length > BUFFER_SIZE) {
            throw new IllegalArgumentException("length " + length);
        }
        int index = size + created;
        if (created == room || index == MAX_SIZE) {
            return -1;
        }
        place(index, length, length, 0);
        created++;
        return index;
    }

    @Override
    public int maxCreateLength() {
        return BUFFER_SIZE;
    }

    @Override
    public String name() {
        return "test";
    }

    @Override
    public DropCause dropCause(String name) {
        return causes.computeIfAbsent(name, DropCause::new);
    }

    @Override
    public Counter counter(String name, String description) {
        return counters.computeIfAbsent(name, key -> new Counter(key, description));
    }

    @Override
    public Path resolve(String path) {
        return directory.resolve(path);
    }

    private void place(int index, int length, int totalLength, long timestampNanos) {
        offsets[index + 1] = offsets[index] + Math.max(BUFFER_SIZE, length);
        lengths[index] = length;
        totalLengths[index] = totalLength;
        timestamps.setAtIndex(ValueLayout.JAVA_LONG, index, timestampNanos);
        drops[index] = null;
    }
}
