// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Ring;
import io.ptnetmap.RxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.memory.LongArray;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.capture.Verdict;
import java.util.Arrays;
import java.util.Objects;

/**
 * Packets on their way through the functions of a segment, and the verdicts on them.
 *
 * <p>A packet stays in the slots where it came in, its <em>home</em>: the receive ring that it was read from, or a slot of
 * this batch's part of the scratch ring if a function has created it. Passing a packet from function to function costs
 * nothing, dropping it costs an entry here; only when it leaves through a link does its buffer change slots. So at every
 * moment each buffer is in exactly one slot of the region, whatever dies.
 *
 * <p>For one worker.
 */
final class Batch implements PacketBatch, Output {
    /** Most packets that are read at once. The rest of {@link #MAX_SIZE} is room for created ones. */
    static final int BURST = 256;

    /** Packets of a batch whose times are taken at most. */
    static final int MOST_FOLLOWED = 64;

    /** Instead of descriptors: they are to be read in the slots themselves. */
    private static final LongArray IN_SLOTS = new LongArray(0);

    private static final byte FORWARD = 0;
    private static final byte BACK = 1;
    private static final byte DROP = 2;
    private static final byte CONSUME = 3;

    private final Packet view = new Packet();
    private final Ring scratch;
    private final int scratchFirst;

    private final int[] lengths = new int[MAX_SIZE];
    /** {@link #FORWARD} but for what the function at hand has decided. */
    private final byte[] verdicts = new byte[MAX_SIZE];

    private final DropCause[] causes = new DropCause[MAX_SIZE];

    /** Where all packets lie, one behind the other from {@link #first} on and each in one slot, unless {@link #scattered}. */
    private Ring row;

    /** The descriptors of {@link #row}, for each slot one, or {@link #IN_SLOTS}. */
    private LongArray rowDescriptors = IN_SLOTS;

    private int first;

    /** Whether the packets lie where these say. */
    private boolean scattered;

    private final Ring[] homes = new Ring[MAX_SIZE];
    private final int[] slots = new int[MAX_SIZE];
    private final int[] fragments = new int[MAX_SIZE];
    private final int[] buffers = new int[MAX_SIZE];

    private Side side = Side.IN;
    private long nowNanos;
    /** Packets of this batch whose times are taken. */
    private int followed;

    private final long[] bornNanos = new long[MOST_FOLLOWED];
    private final long[] sentNanos = new long[MOST_FOLLOWED];
    private Account account;
    private boolean readOnly;
    /** Packets for the function at hand; what it creates follows them. */
    private int size;

    private int total;
    private long bytes;
    private int created;

    private boolean decided;

    /**
     * @param scratch ring whose slots {@code scratchFirst} to {@code scratchFirst + BURST - 1} are this batch's
     */
    Batch(Ring scratch, int scratchFirst) {
        this.scratch = scratch;
        this.scratchFirst = scratchFirst;
    }

    // What functions see.

    @Override
    public int size() {
        return size;
    }

    @Override
    public Packet packet(int index) {
        if (Integer.compareUnsigned(index, total) >= 0) {
            throw new IndexOutOfBoundsException("packet " + index + " of a batch of " + total);
        }
        Ring home = home(index);
        int slot = slot(index);
        int buffer = scattered ? buffers[index] : buffer(home, rowDescriptors, slot);
        return view.wrap(
                home.bufferAddressOf(buffer),
                Math.min(lengths[index], home.bufferSize()),
                home.bufferSize(),
                lengths[index],
                home.ptrAddress(slot),
                buffer);
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
        decide(index, FORWARD);
    }

    @Override
    public void forward(int index, Side to) {
        decide(index, to == side ? BACK : FORWARD);
    }

    @Override
    public void drop(int index, DropCause cause) {
        Objects.requireNonNull(cause, "a drop's cause: make it in start()");
        decide(index, DROP);
        causes[index] = cause;
    }

    @Override
    public void consume(int index) {
        decide(index, CONSUME);
    }

    private void decide(int index, byte verdict) {
        if (Integer.compareUnsigned(index, total) >= 0) {
            throw new IndexOutOfBoundsException("packet " + index + " of a batch of " + total);
        }
        verdicts[index] = verdict;
        decided = true;
    }

    @Override
    public int create(int length, Side to) {
        if (length < 0 || length > maxCreateLength()) {
            throw new IllegalArgumentException(
                    "a new packet of " + length + " bytes: at most " + maxCreateLength() + " fit a buffer");
        }
        if (created == BURST || total == MAX_SIZE || readOnly) {
            return -1;
        }
        int slot = scratchFirst + created++;
        scratch.descriptor(slot, NetmapSlot.descriptor(scratch.bufferIndex(slot), length, 0));
        scratch.ptr(slot, 0);
        int index = append(scratch, slot, 1, length);
        if (to == side) {
            decide(index, BACK);
        }
        return index;
    }

    @Override
    public int maxCreateLength() {
        return scratch.bufferSize();
    }

    // What the engine does with it.

    /** Starts over: no packets. */
    void clear(Side from, long now) {
        forgetVerdicts();
        scattered = false;
        side = from;
        nowNanos = now;
        followed = 0;
        size = 0;
        total = 0;
        bytes = 0;
        created = 0;
    }

    /**
     * Has the times of one more packet be taken; which one is not told, for what becomes of one becomes of the batch. Beyond {@value
     * #MOST_FOLLOWED} of them no more are.
     *
     * @param born when it came into the chain, {@link System#nanoTime}; 0 = not known
     * @param sent when it was put onto the link that it has come over; 0 = not known
     */
    void follow(long born, long sent) {
        if (followed < MOST_FOLLOWED) {
            bornNanos[followed] = born;
            sentNanos[followed++] = sent;
        }
    }

    void unfollow() {
        followed = 0;
    }

    /** How many packets' times are taken. */
    int followed() {
        return followed;
    }

    /** When one of those that are followed came into the chain; 0 = not known. */
    long bornNanos(int index) {
        return bornNanos[index];
    }

    /** When it was put onto the link that it has come over; 0 = not known. */
    long sentNanos(int index) {
        return sentNanos[index];
    }

    /** Adds a packet where it lies; {@code length} bytes over {@code fragmentCount} slots from {@code slot} on. */
    int append(Ring home, int slot, int fragmentCount, int length) {
        return append(home, IN_SLOTS, slot, fragmentCount, length);
    }

    /** Likewise, where the ring's descriptors are to be read elsewhere than in its slots. */
    int append(Ring home, LongArray descriptors, int slot, int fragmentCount, int length) {
        if (fragmentCount != 1 || !continuesRow(home, descriptors, slot)) {
            scatter();
        }
        int index = total;
        if (scattered) {
            place(index, home, slot, fragmentCount, buffer(home, descriptors, slot));
        }
        lengths[index] = length;
        bytes += length;
        // Last of all: a function's stack may end in the middle of this.
        total = index + 1;
        return index;
    }

    /**
     * Adds packets that lie in one slot each, one behind the other.
     *
     * @param most slots to look at, none of them beyond the ring's end
     * @return how many; less than {@code most} before a slot that goes on in the next one, is empty and so may be no packet,
     *     or says more bytes than a buffer has
     */
    int appendRun(Ring home, int slot, int most) {
        return appendRun(home, IN_SLOTS, slot, home.lengths(slot, most, lengths, total));
    }

    /** Likewise, where the ring's descriptors are to be read elsewhere than in its slots. */
    int appendRun(Ring home, LongArray descriptors, int slot, int most) {
        int limit = home.bufferSize();
        int base = total;
        int sum = 0;
        int count = 0;
        while (count < most) {
            int length = NetmapSlot.wholeLength(descriptors.get(slot + count));
            if (Integer.compareUnsigned(length - 1, limit) >= 0) {
                break;
            }
            lengths[base + count] = length;
            sum += length;
            count++;
        }
        return appendRun(home, descriptors, slot, (long) count << 32 | sum);
    }

    /** @param found see {@link Ring#lengths} */
    private int appendRun(Ring home, LongArray descriptors, int slot, long found) {
        int count = (int) (found >>> 32);
        if (count == 0) {
            return 0;
        }
        if (!continuesRow(home, descriptors, slot)) {
            scatter();
        }
        int base = total;
        total = base + count;
        bytes += (int) found;
        if (scattered) {
            for (int i = 0; i < count; i++) {
                place(base + i, home, slot + i, 1, buffer(home, descriptors, slot + i));
            }
        }
        return count;
    }

    /** Whether all packets, one in this slot included, lie in one row. */
    private boolean continuesRow(Ring home, LongArray descriptors, int slot) {
        if (total == 0) {
            if (row != home) {
                row = home;
            }
            if (rowDescriptors != descriptors) {
                rowDescriptors = descriptors;
            }
            first = slot;
            return true;
        }
        return !scattered && row == home && slotOfRow(total) == slot;
    }

    private int slotOfRow(int index) {
        int slot = first + index;
        int end = row.slots();
        return slot < end ? slot : slot - end;
    }

    private static int buffer(Ring home, LongArray descriptors, int slot) {
        return descriptors == IN_SLOTS ? home.bufferIndex(slot) : NetmapSlot.bufIdx(descriptors.get(slot));
    }

    /** From here on, each packet may lie anywhere. */
    private void scatter() {
        if (!scattered) {
            for (int i = 0; i < total; i++) {
                int slot = slotOfRow(i);
                place(i, row, slot, 1, buffer(row, rowDescriptors, slot));
            }
            scattered = true;
        }
    }

    private void place(int index, Ring home, int slot, int fragmentCount, int buffer) {
        // Mostly it is there already. A store of a reference is also one to the collector's card table, in a cache line
        // that other workers write to.
        if (homes[index] != home) {
            homes[index] = home;
        }
        slots[index] = slot;
        fragments[index] = fragmentCount;
        buffers[index] = buffer;
    }

    /** Packets from {@code index} on that lie in one slot each, one behind the other in the same ring; at most {@code most}. */
    int run(int index, int most) {
        if (!scattered) {
            return row.run(slotOfRow(index), most);
        }
        Ring home = homes[index];
        int slot = slots[index];
        int count = 0;
        while (count < most
                && homes[index + count] == home
                && slots[index + count] == slot + count
                && fragments[index + count] == 1) {
            count++;
        }
        return count;
    }

    /** Reads up to {@link #BURST} complete packets from the head of a ring, without giving slots back. Returns the slots. */
    int fill(Ring ring, int available) {
        int used = 0;
        int slot = ring.head();
        while (total < BURST && used < available) {
            int run = appendRun(ring, slot, Math.min(Math.min(available - used, BURST - total), ring.slots() - slot));
            if (run != 0) {
                used += run;
                slot = slot + run == ring.slots() ? 0 : slot + run;
                continue;
            }
            int first = slot;
            int count = 0;
            int length = 0;
            boolean more;
            do {
                long descriptor = ring.descriptor(slot);
                length += Math.min(NetmapSlot.len(descriptor), ring.bufferSize());
                more = (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0;
                slot = ring.next(slot);
                count++;
            } while (more && used + count < available);
            if (more) {
                if (count < Math.min(NetmapSlot.NETMAP_MAX_FRAGS, ring.slots() - 1)) {
                    break;
                }
                // A packet that cannot end any more: cut here, lest the next link joins it with the one behind.
                int last = ring.fromHead(used + count - 1);
                ring.flags(last, ring.flags(last) & ~NetmapSlot.NS_MOREFRAG);
            }
            used += count;
            // What a predecessor that died had dealt with already is no packet any more.
            if (length != 0 || !ring.vacated(first)) {
                append(ring, first, count, length);
            }
        }
        return used;
    }

    /** Opens the batch to a function: all packets are in its hands now. */
    void enter(Instance instance) {
        account = instance.account();
        readOnly = instance.readOnly();
        size = total;
        account.received.add(total);
        account.receivedBytes.add(bytes);
        if (side == Side.OUT) {
            account.receivedBackward.add(total);
            account.receivedBackwardBytes.add(bytes);
        }
    }

    void dropAll(DropCause cause) {
        for (int i = 0; i < total; i++) {
            drop(i, cause);
        }
    }

    /**
     * Puts the batch in order after the function at hand threw in the midst of it. What it has decided stands; of the rest it is not
     * known whether it was to pass.
     *
     * @param cause why the rest is dropped
     * @param pass whether it is forwarded instead
     */
    void abandon(DropCause cause, boolean pass) {
        decided = true;
        bytes = 0;
        for (int i = 0; i < total; i++) {
            bytes += lengths[i];
            boolean halfDropped = verdicts[i] == DROP && causes[i] == null;
            if (halfDropped || verdicts[i] == FORWARD && !pass) {
                verdicts[i] = DROP;
                causes[i] = cause;
            }
        }
    }

    /**
     * Closes the books of the function: what is forwarded stays in the batch, in order; the rest leaves it. Packets that go
     * back are appended to {@code back}. Verdicts of a read-only function are forgotten.
     */
    void leave(Batch back) {
        if (total != size) {
            account.created.add(total - size);
        }
        if (decided && !readOnly) {
            settle(back);
        }
        forgetVerdicts();
        account.sent.add(total);
        account.sentBytes.add(bytes);
    }

    private void forgetVerdicts() {
        if (decided) {
            decided = false;
            Arrays.fill(verdicts, FORWARD);
        }
    }

    private void settle(Batch back) {
        int kept = 0;
        long keptBytes = 0;
        int consumed = 0;
        for (int i = 0; i < total; i++) {
            switch (verdicts[i]) {
                case FORWARD -> {
                    if (kept != i) {
                        scatter();
                        place(kept, homes[i], slots[i], fragments[i], buffers[i]);
                        lengths[kept] = lengths[i];
                    }
                    keptBytes += lengths[i];
                    kept++;
                }
                case BACK -> {
                    back.append(home(i), slot(i), fragments(i), lengths[i]);
                    account.sent.add(1);
                    account.sentBytes.add(lengths[i]);
                }
                case DROP -> {
                    causes[i].packets().add(1);
                    vacate(i);
                }
                default -> {
                    consumed++;
                    vacate(i);
                }
            }
        }
        account.consumed.add(consumed);
        total = kept;
        bytes = keptBytes;
    }

    /**
     * Makes a final verdict outlive this process: whoever reads the ring after its death must not decide again. Other rings
     * than those that are received from die with the process.
     */
    void vacate(int index) {
        Ring home = home(index);
        if (!(home instanceof RxRing)) {
            return;
        }
        int slot = slot(index);
        for (int i = 0; i < fragments(index); i++) {
            home.vacate(slot);
            slot = home.next(slot);
        }
    }

    /** What the function at hand decided on a packet, also on one that it has created. */
    Verdict verdict(int index) {
        if (readOnly) {
            return Verdict.FORWARDED;
        }
        return switch (verdicts[index]) {
            case FORWARD -> Verdict.FORWARDED;
            case BACK -> Verdict.RETURNED;
            case DROP -> Verdict.DROPPED;
            default -> Verdict.CONSUMED;
        };
    }

    /** Why it has dropped the packet; empty where it has not. */
    String dropCause(int index) {
        return verdict(index) == Verdict.DROPPED ? causes[index].name() : "";
    }

    /** Packets in the batch. */
    int count() {
        return total;
    }

    /** Packets that functions have created in it, whatever became of them. */
    int created() {
        return created;
    }

    long bytes() {
        return bytes;
    }

    Ring home(int index) {
        return scattered ? homes[index] : row;
    }

    int slot(int index) {
        return scattered ? slots[index] : slotOfRow(index);
    }

    int fragments(int index) {
        return scattered ? fragments[index] : 1;
    }

    int length(int index) {
        return lengths[index];
    }
}
