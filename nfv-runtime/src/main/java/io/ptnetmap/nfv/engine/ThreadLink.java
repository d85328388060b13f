// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.SingleProducerSequencer;
import com.lmax.disruptor.YieldingWaitStrategy;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.Ring;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.LongArray;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A link between two workers of one process, and a place for read-only functions to look at the packets in parallel: a
 * Disruptor in each direction.
 *
 * <p>Entry i of a Disruptor stands for slot i of a scratch ring, and for a copy of the slot's descriptor beside it. The sender
 * moves a packet's buffer into the slot, copies the descriptor and publishes the entry; observers read the copy, each at its
 * own pace; when all have, the receiver takes it, and the entry becomes free with an empty buffer in its slot. No packet is
 * copied, and each buffer is in exactly one slot of the region at every moment, whoever dies.
 */
final class ThreadLink implements AutoCloseable {
    private final Direction forward;
    private final Direction backward;
    private final Stamps stamps = Stamps.here(StampQueue.ENDLESS);

    /**
     * @param forward ring of exactly {@code entries} slots for packets towards the chain's end, so that a packet that wraps
     *     around in the Disruptor does so in the ring; the gap slot serves too, for the ring is never synced
     * @param backward another for the reverse direction
     * @param entries a power of two
     * @param observers read-only functions that look at the packets on their way
     */
    ThreadLink(TxRing forward, TxRing backward, int entries, int observers) {
        this.forward = new Direction(forward, entries, observers);
        this.backward = new Direction(backward, entries, observers);
    }

    /** The end towards the chain's beginning. */
    LinkEnd left() {
        return new End(forward, backward, stamps);
    }

    /** The end towards the chain's end. */
    LinkEnd right() {
        return new End(backward, forward, stamps.opposite());
    }

    /** Observer {@code index} of the packets towards the chain's end, or of those in the reverse direction. */
    Observer observer(int index, boolean reverse) {
        return (reverse ? backward : forward).observers.get(index);
    }

    @Override
    public void close() {
        forward.close();
        backward.close();
    }

    /** One way. */
    private static final class Direction {
        final TxRing slots;
        /**
         * Copies of the descriptors of {@link #slots}, made by the sender: eight to a cache line, and all that comes over to
         * who looks at the packets. So a slot stays in the sender's cache, unless a packet is moved on from there; and the
         * sender, which must read a slot before it moves a packet there, mostly has it.
         */
        final LongArray descriptors;

        final int mask;
        /** The Disruptor without its entries: the slot of the same number holds what one would. */
        final SingleProducerSequencer disruptor;

        final List<Observer> observers = new ArrayList<>();
        final SequenceBarrier toReceive;
        final Sequence received = new Sequence();
        final Doorbell packets = new Doorbell();
        final Doorbell room = new Doorbell();

        Direction(TxRing slots, int entries, int observerCount) {
            this.slots = slots;
            this.descriptors = new LongArray(entries);
            this.mask = entries - 1;
            this.disruptor = new SingleProducerSequencer(entries, new YieldingWaitStrategy());
            for (int i = 0; i < observerCount; i++) {
                observers.add(new Observer(this));
            }
            this.toReceive = disruptor.newBarrier(
                    observers.stream().map(observer -> observer.seen).toArray(Sequence[]::new));
            disruptor.addGatingSequences(received);
        }

        int slot(long sequence) {
            return (int) sequence & mask;
        }

        /** Adds complete packets of the entries {@code (from, to]} to a batch. Returns the last entry added. */
        long fill(Batch batch, long from, long to) {
            long sequence = from;
            while (sequence < to && batch.count() < Batch.BURST) {
                int first = slot(sequence + 1);
                int most = (int) Math.min(Math.min(to - sequence, Batch.BURST - batch.count()), mask + 1 - first);
                int run = batch.appendRun(slots, descriptors, first, most);
                sequence += run;
                if (run != 0) {
                    continue;
                }
                int fragments = 0;
                int length = 0;
                long descriptor;
                do {
                    descriptor = descriptors.get(slot(++sequence));
                    length += Math.min(NetmapSlot.len(descriptor), slots.bufferSize());
                    fragments++;
                } while ((NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0);
                batch.append(slots, descriptors, first, fragments, length);
            }
            return sequence;
        }

        void close() {
            packets.close();
            room.close();
        }
    }

    /** A read-only function's view of one direction. */
    static final class Observer {
        private final Direction direction;
        private final Sequence seen = new Sequence();
        private final Doorbell packets = new Doorbell();
        private final SequenceBarrier toSee;
        private long last = -1;

        private Observer(Direction direction) {
            this.direction = direction;
            this.toSee = direction.disruptor.newBarrier();
        }

        /** Reads packets that have not been seen. They stay where they are until {@link #done}. */
        int look(Batch batch) {
            last = direction.fill(batch, seen.get(), toSee.getCursor());
            return batch.count();
        }

        /** Lets go of what {@link #look} has read. */
        void done() {
            seen.set(last);
            direction.packets.ring();
        }

        boolean waiting() {
            return toSee.getCursor() != seen.get();
        }

        Doorbell doorbell() {
            return packets;
        }
    }

    /** Wakes a worker that sleeps on a Disruptor. */
    static final class Doorbell {
        private static final VarHandle ASLEEP;

        static {
            try {
                ASLEEP = MethodHandles.lookup().findVarHandle(Doorbell.class, "asleep", boolean.class);
            } catch (ReflectiveOperationException impossible) {
                throw new ExceptionInInitializerError(impossible);
            }
        }

        private static final boolean FENCE = !Linux.registerGlobalBarrier();

        private final int eventfd = Linux.eventfd();
        private boolean asleep;

        /** By the side that has published something. */
        void ring() {
            // Sleepers pass a barrier on our behalf, as the ends of a netmap pipe do.
            if (FENCE) {
                VarHandle.fullFence();
            } else {
                VarHandle.releaseFence();
            }
            if ((boolean) ASLEEP.getOpaque(this)) {
                ASLEEP.setOpaque(this, false);
                Linux.eventfdSignal(eventfd);
            }
        }

        /** By the side that is going to sleep; it must look once more afterwards. */
        void arm() {
            ASLEEP.setOpaque(this, true);
            if (FENCE) {
                VarHandle.fullFence();
            } else {
                Linux.globalBarrier();
            }
        }

        void disarm() {
            ASLEEP.setOpaque(this, false);
            Linux.eventfdDrain(eventfd);
        }

        int descriptor() {
            return eventfd;
        }

        void close() {
            Linux.close(eventfd);
        }
    }

    /** One end: sends in one direction, receives from the other. */
    private static final class End implements LinkEnd {
        private final Direction out;
        private final Direction in;
        private final StampQueue stampsOut;
        private final StampQueue stampsIn;
        /** The last entry that was read: in a cache line of its own, as the other end's worker is busy with its own. */
        private final Sequence last;

        /** The last entry that was published. Its own: the Disruptor's cursor lies in the cache of who receives. */
        private final Sequence sent;

        /** Entries before this one are free for packets, as far as was known when there was need to look. */
        private long freeBefore;

        private final Sequence sentPackets = new Sequence(0);
        private final Sequence receivedPackets = new Sequence(0);

        End(Direction out, Direction in, Stamps stamps) {
            this.out = out;
            this.in = in;
            this.stampsOut = stamps.out();
            this.stampsIn = stamps.in();
            this.last = new Sequence(in.received.get());
            this.sent = new Sequence(out.disruptor.getCursor());
        }

        @Override
        public int receive(Batch batch) {
            long received = in.received.get();
            long published = in.toReceive.getCursor();
            if (received != published) {
                long end = in.fill(batch, received, published);
                last.set(end);
                if (stampsIn.isWaiting()) {
                    stampsIn.take(received + 1, (int) (end - received), batch);
                }
                receivedPackets.set(receivedPackets.get() + batch.count());
            }
            return batch.count();
        }

        @Override
        public void release() {
            if (in.received.get() != last.get()) {
                in.received.set(last.get());
                in.room.ring();
            }
        }

        @Override
        public int send(Batch batch, int first, Account account) {
            long next = sent.get() + 1;
            int used = 0;
            int refused = 0;
            int index = first;
            for (; index < batch.count(); index++) {
                int run = sendRun(batch, index, next + used);
                if (run != 0) {
                    used += run;
                    index += run - 1;
                    continue;
                }
                int fragments = batch.fragments(index);
                if (fragments > out.disruptor.getBufferSize()) {
                    account.unsend(account.tooLong, batch.length(index));
                    refused++;
                    continue;
                }
                if (!hasRoom(next + used + fragments)) {
                    break;
                }
                Ring home = batch.home(index);
                int slot = batch.slot(index);
                for (int i = 0; i < fragments; i++) {
                    int entry = out.slot(next + used + i);
                    home.move(slot, out.slots, entry);
                    out.descriptors.set(entry, out.slots.descriptor(entry));
                    slot = home.next(slot);
                }
                used += fragments;
            }
            if (used != 0) {
                // Room has been looked for already: next() would do it again, behind a full fence.
                long last = next + used - 1;
                if (batch.followed() != 0) {
                    stampsOut.put(last, batch);
                    batch.unfollow();
                }
                out.disruptor.claim(last);
                out.disruptor.publish(last);
                sent.set(last);
            }
            sentPackets.set(sentPackets.get() + index - first - refused);
            return index;
        }

        /** Moves packets that lie one behind the other into the entries from {@code entry} on. Returns how many. */
        private int sendRun(Batch batch, int index, long entry) {
            if (!hasRoom(entry + 1)) {
                return 0;
            }
            int slot = out.slot(entry);
            int most = (int) Math.min(Math.min(freeBefore - entry, out.mask + 1 - slot), batch.count() - index);
            int run = batch.run(index, most);
            batch.home(index).move(batch.slot(index), out.slots, slot, run);
            // By a loop of their own: a processor keeps stores in order, so others between these would wait with them
            // for cache
            // lines, and fewer lines would be under way at a time.
            out.slots.descriptors(slot, run, out.descriptors, slot);
            return run;
        }

        /** Whether all entries before this one are free; looks where the receiver is only if they seem not to be. */
        private boolean hasRoom(long end) {
            if (end > freeBefore) {
                freeBefore = out.received.get() + 1 + out.disruptor.getBufferSize();
            }
            return end <= freeBefore;
        }

        @Override
        public void flush() {
            if (out.observers.isEmpty()) {
                out.packets.ring();
            }
            for (int i = 0; i < out.observers.size(); i++) {
                out.observers.get(i).packets.ring();
            }
        }

        @Override
        public boolean isOutside() {
            return false;
        }

        @Override
        public void addTo(NetmapPoller poller, boolean packets, boolean room) {
            poller.addDescriptor(in.packets.descriptor());
            poller.addDescriptor(out.room.descriptor());
        }

        @Override
        public boolean arm(boolean packets, boolean room) {
            if (packets) {
                in.packets.arm();
            }
            if (room) {
                out.room.arm();
            }
            return packets && in.toReceive.getCursor() != in.received.get()
                    || room && out.disruptor.remainingCapacity() != 0;
        }

        @Override
        public void disarm() {
            in.packets.disarm();
            out.room.disarm();
        }

        @Override
        public int unread() {
            int packets = 0;
            for (long sequence = Math.max(last.get(), in.received.get()) + 1;
                    sequence <= in.disruptor.getCursor();
                    sequence++) {
                boolean end = (NetmapSlot.flags(in.descriptors.get(in.slot(sequence))) & NetmapSlot.NS_MOREFRAG) == 0;
                packets += end ? 1 : 0;
            }
            return packets;
        }

        @Override
        public int pending() {
            return out.disruptor.getBufferSize() - (int) out.disruptor.remainingCapacity();
        }

        @Override
        public long sent() {
            return sentPackets.get();
        }

        @Override
        public long received() {
            return receivedPackets.get();
        }

        @Override
        public ChainSnapshot.Link state() {
            int size = in.disruptor.getBufferSize();
            return new ChainSnapshot.Link("thread", size, size - (int) in.disruptor.remainingCapacity());
        }
    }
}
