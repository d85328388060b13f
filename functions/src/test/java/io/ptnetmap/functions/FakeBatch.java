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
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A batch in memory of its own, the output that belongs to it, and a context: all that a function under test meets. */
public final class FakeBatch implements PacketBatch, Output, FunctionContext {
    public static final int CAPACITY = 65_536;

    private final MemorySegment memory = Arena.ofAuto().allocate((long) MAX_SIZE * CAPACITY, 64);
    private final Packet packet = new Packet();
    private final int[] lengths = new int[MAX_SIZE];
    private final int[] totalLengths = new int[MAX_SIZE];
    private final MemorySegment timestamps = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, MAX_SIZE);
    private final boolean[] consumed = new boolean[MAX_SIZE];
    private final Map<String, Counter> counters = new HashMap<>();
    private final Map<String, DropCause> causes = new HashMap<>();
    private final Path directory;
    private int size;
    private int created;
    private long nowNanos = 1_000;
    private int room = MAX_SIZE;
    private int maxCreateLength = 2048;

    public FakeBatch(Path directory) {
        this.directory = directory;
    }

    /** Empties the batch. */
    public FakeBatch clear() {
        size = 0;
        created = 0;
        Arrays.fill(consumed, false);
        return this;
    }

    public FakeBatch add(byte[] bytes) {
        return add(bytes, bytes.length, 0);
    }

    public FakeBatch add(byte[] bytes, int totalLength, long timestampNanos) {
        lengths[size] = bytes.length;
        totalLengths[size] = totalLength;
        timestamps.setAtIndex(ValueLayout.JAVA_LONG, size, timestampNanos);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, (long) size * CAPACITY, bytes.length);
        size++;
        return this;
    }

    /** Turns the packets that a source created into the input of the next function. */
    public FakeBatch createdAsInput() {
        size = created;
        created = 0;
        return this;
    }

    public FakeBatch run(NetworkFunction function) {
        function.process(this, this);
        return this;
    }

    public void advanceClock(long nanos) {
        nowNanos += nanos;
    }

    /** Limits the packets that can be created in one batch. */
    public void room(int packets) {
        room = packets;
    }

    public void maxCreateLength(int length) {
        maxCreateLength = length;
    }

    public int created() {
        return created;
    }

    public boolean consumed(int index) {
        return consumed[index];
    }

    public byte[] bytes(int index) {
        byte[] bytes = new byte[lengths[index]];
        packet(index).get(0, bytes, 0, bytes.length);
        return bytes;
    }

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
        return packet.wrap(
                memory.address() + (long) index * CAPACITY,
                lengths[index],
                CAPACITY,
                totalLengths[index],
                timestamps.address() + 8L * index);
    }

    @Override
    public Side side() {
        return Side.IN;
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public void forward(int index) {
        consumed[index] = false;
    }

    @Override
    public void forward(int index, Side side) {
        consumed[index] = false;
    }

    @Override
    public void drop(int index, DropCause cause) {
        cause.packets().add(1);
    }

    @Override
    public void consume(int index) {
        consumed[index] = true;
    }

    @Override
    public int create(int length, Side side) {
        if (length < 0 || length > maxCreateLength) {
            throw new IllegalArgumentException("length " + length);
        }
        if (created == room) {
            return -1;
        }
        int index = size + created++;
        lengths[index] = length;
        totalLengths[index] = length;
        timestamps.setAtIndex(ValueLayout.JAVA_LONG, index, 0);
        return index;
    }

    @Override
    public int maxCreateLength() {
        return maxCreateLength;
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
}
