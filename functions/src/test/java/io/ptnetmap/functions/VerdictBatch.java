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

/** A batch of packets in native memory, the verdicts on them, and the context of the function under test. */
public final class VerdictBatch implements PacketBatch, Output, FunctionContext {
    /** Bytes of a packet buffer. */
    public static final int BUFFER_SIZE = 2048;

    private static final DropCause CONSUMED = new DropCause("consumed");

    private final MemorySegment timestamp = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
    private final MemorySegment memory = Arena.ofAuto().allocate((long) MAX_SIZE * BUFFER_SIZE, 64);
    private final Packet view = new Packet();
    private final int[] lengths = new int[MAX_SIZE];
    private final Side[] sides = new Side[MAX_SIZE];
    private final DropCause[] drops = new DropCause[MAX_SIZE];
    private final Map<String, DropCause> causes = new HashMap<>();
    private final Map<String, Counter> counters = new HashMap<>();
    private Side side = Side.IN;
    private long nowNanos;
    private int size;
    private int created;

    /** Empties the batch, for packets that come in at a side. */
    public VerdictBatch clear(Side side) {
        this.side = side;
        size = 0;
        created = 0;
        return this;
    }

    /** Moves the clock on. */
    public VerdictBatch advance(long nanos) {
        nowNanos += nanos;
        return this;
    }

    /** Adds a packet, to be forwarded unless the function says otherwise. */
    public VerdictBatch add(byte[] packet) {
        MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, (long) size * BUFFER_SIZE, packet.length);
        place(size++, packet.length, side.opposite());
        return this;
    }

    /** Has a function decide over the batch. */
    public VerdictBatch run(NetworkFunction function) {
        function.process(this, this);
        return this;
    }

    /** Whether a packet leaves the function, at any side. */
    public boolean forwarded(int index) {
        return drops[index] == null;
    }

    /** The side where a forwarded packet leaves. */
    public Side forwardedTo(int index) {
        return sides[index];
    }

    /** What happened to a packet: {@code forwarded}, {@code consumed}, or the name of the drop's cause. */
    public String verdict(int index) {
        return forwarded(index) ? "forwarded" : drops[index].name();
    }

    /** A packet's bytes as they are now. */
    public byte[] bytes(int index) {
        return memory.asSlice((long) index * BUFFER_SIZE, lengths[index]).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Number of packets that the function created. */
    public int created() {
        return created;
    }

    /** Number of packets dropped for a cause since the beginning. */
    public long dropped(String cause) {
        return dropCause(cause).packets().value();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Packet packet(int index) {
        long address = memory.address() + (long) index * BUFFER_SIZE;
        return view.wrap(address, lengths[index], BUFFER_SIZE, lengths[index], timestamp.address());
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
        forward(index, side.opposite());
    }

    @Override
    public void forward(int index, Side to) {
        sides[index] = to;
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
        int index = size + created;
        if (index == MAX_SIZE) {
            return -1;
        }
        created++;
        place(index, length, to);
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
        return Path.of(path);
    }

    private void place(int index, int length, Side to) {
        lengths[index] = length;
        sides[index] = to;
        drops[index] = null;
    }
}
