// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Ring;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import java.util.Optional;

/**
 * A netmap port: an end of a pipe, or a port at an end of the chain. All its receive rings are read, in turn; everything is
 * sent through its first transmit ring, so that order is kept.
 */
final class PortEnd implements LinkEnd {
    private final NetmapPort port;
    private final boolean outside;
    /** Of a port of a switch that stands for a link, and must not take it for two networks. */
    private final Optional<SwitchPace> pace;

    /** Where the pipe is timed. */
    private final Optional<Stamps> stamps;

    private final TxRing tx;
    private int nextRing;
    private RxRing reading;
    private int read;
    private long sent;
    private long received;

    private PortEnd(NetmapPort port, boolean outside, Optional<SwitchPace> pace, Optional<Stamps> stamps) {
        this.port = port;
        this.outside = outside;
        this.pace = pace;
        this.stamps = stamps;
        this.tx = port.txRing(0);
        this.reading = port.rxRing(0);
    }

    /** A port at an end of the chain. */
    static PortEnd outside(NetmapPort port) {
        return new PortEnd(port, true, Optional.empty(), Optional.empty());
    }

    /**
     * An end of a pipe within the chain. A packet lies in the slot of the same number at both ends.
     *
     * @param stamps as this end sees them, where the pipe is timed
     */
    static PortEnd ofPipe(NetmapPort port, Optional<Stamps> stamps) {
        stamps.ifPresent(both -> {
            both.out().takeOverSending();
            both.in().takeOverReceiving();
        });
        return new PortEnd(port, false, Optional.empty(), stamps);
    }

    /**
     * A port of a switch that has one more port, whose user is the link's other end: whatever is sent goes there, for the switch
     * is told not to learn where stations are.
     */
    static PortEnd ofSwitch(NetmapPort port) {
        return new PortEnd(
                port, false, Optional.of(new SwitchPace(port.txRing(0).slots())), Optional.empty());
    }

    @Override
    public int receive(Batch batch) {
        int rings = port.rxRings().size();
        for (int tried = 0; tried < rings; tried++) {
            if (rings > 1) {
                reading = port.rxRing(nextRing);
                nextRing = nextRing + 1 == rings ? 0 : nextRing + 1;
            }
            reading.sync();
            int available = reading.available();
            if (available != 0) {
                read = batch.fill(reading, available);
                if (stamps.isPresent() && stamps.get().in().isWaiting()) {
                    stamps.get().in().take(reading.head(), read, batch);
                }
                if (batch.count() == 0) {
                    release();
                }
                received += batch.count();
                return batch.count();
            }
        }
        return 0;
    }

    @Override
    public void release() {
        if (read != 0) {
            reading.advance(read);
            read = 0;
            reading.sync();
        }
    }

    @Override
    public int send(Batch batch, int first, Account account) {
        int room = tx.available();
        if (room < batch.count() - first) {
            tx.sync();
            room = tx.available();
        }
        int used = 0;
        int taken = 0;
        int index = first;
        for (; index < batch.count(); index++) {
            int run = moveRun(batch, index, used, room - used);
            if (run != 0) {
                used += run;
                taken += run;
                index += run - 1;
                continue;
            }
            Ring home = batch.home(index);
            int fragments = batch.fragments(index);
            boolean moves = canMove(home);
            int needed = moves ? fragments : slotsFor(batch.length(index));
            if (needed > Math.min(tx.slots() - 1, NetmapSlot.NETMAP_MAX_FRAGS)) {
                account.unsend(account.tooLong, batch.length(index));
                continue;
            }
            if (used + needed > room) {
                break;
            }
            if (moves) {
                move(home, batch.slot(index), fragments, used);
            } else {
                copy(home, batch.slot(index), fragments, used);
                batch.vacate(index);
            }
            used += needed;
            taken++;
        }
        if (pace.isPresent()) {
            forbidLearning(used);
            pace.get().sent(batch.count());
        }
        if (batch.followed() != 0 && used != 0) {
            stamp(batch, used);
        }
        tx.advance(used);
        sent += taken;
        if (outside) {
            account.left.add(taken);
        }
        return index;
    }

    /** Of the packets that are just being sent the last one stands for all. */
    private void stamp(Batch batch, int used) {
        if (stamps.isPresent()) {
            stamps.get().out().put(tx.fromHead(used - 1), batch);
        }
        batch.unfollow();
    }

    private void forbidLearning(int count) {
        for (int i = 0; i < count; i++) {
            int slot = tx.fromHead(i);
            tx.flags(slot, tx.flags(slot) | NetmapSlot.NS_NO_LEARN);
        }
    }

    private boolean canMove(Ring home) {
        return tx.sharesMemoryWith(home) && home.bufferSize() <= tx.bufferSize();
    }

    /** Moves packets that lie one behind the other. Returns how many; 0 where that is not to be done, or there is no room. */
    private int moveRun(Batch batch, int index, int used, int room) {
        Ring home = batch.home(index);
        if (room == 0 || !canMove(home)) {
            return 0;
        }
        int first = tx.fromHead(used);
        int run = batch.run(index, Math.min(Math.min(room, batch.count() - index), tx.slots() - first));
        home.move(batch.slot(index), tx, first, run);
        return run;
    }

    private int slotsFor(int length) {
        return Math.max(1, (length + tx.bufferSize() - 1) / tx.bufferSize());
    }

    private void move(Ring home, int slot, int fragments, int used) {
        int from = slot;
        for (int i = 0; i < fragments; i++) {
            home.move(from, tx, tx.fromHead(used + i));
            from = home.next(from);
        }
    }

    /** Between regions, or into smaller buffers. */
    private void copy(Ring home, int slot, int fragments, int used) {
        int to = tx.fromHead(used);
        int filled = 0;
        int from = slot;
        int taken = 0;
        for (int i = 0; i < fragments; i++) {
            int length = home.length(from);
            while (taken < length) {
                if (filled == tx.bufferSize()) {
                    finish(to, filled, true);
                    to = tx.next(to);
                    filled = 0;
                }
                int part = Math.min(length - taken, tx.bufferSize() - filled);
                Memory.copy(home.bufferAddress(from) + taken, tx.bufferAddress(to) + filled, part);
                taken += part;
                filled += part;
            }
            taken = 0;
            from = home.next(from);
        }
        tx.ptr(to, home.ptr(slot));
        finish(to, filled, false);
    }

    private void finish(int slot, int length, boolean more) {
        tx.descriptor(slot, NetmapSlot.descriptor(tx.bufferIndex(slot), length, more ? NetmapSlot.NS_MOREFRAG : 0));
    }

    @Override
    public boolean holdsBack() {
        return pace.isPresent() && pace.get().holds();
    }

    @Override
    public void restSending() {
        pace.ifPresent(SwitchPace::rest);
    }

    @Override
    public void resumeSending() {
        pace.ifPresent(SwitchPace::resume);
    }

    @Override
    public void flush() {
        tx.sync();
    }

    @Override
    public boolean isOutside() {
        return outside;
    }

    @Override
    public void addTo(NetmapPoller poller, boolean packets, boolean room) {
        // Whoever rests is told when to go on; there is room all the time.
        boolean rests = pace.isPresent() && pace.get().isResting();
        poller.add(port, (packets ? Linux.POLLIN : 0) | (room && !rests ? Linux.POLLOUT : 0));
    }

    @Override
    public boolean arm(boolean packets, boolean room) {
        return false;
    }

    @Override
    public void disarm() {}

    @Override
    public int unread() {
        int packets = 0;
        for (RxRing ring : port.rxRings()) {
            ring.sync();
            for (int i = ring == reading ? read : 0; i < ring.available(); i++) {
                boolean last = (ring.flags(ring.fromHead(i)) & NetmapSlot.NS_MOREFRAG) == 0;
                packets += last ? 1 : 0;
            }
        }
        return packets;
    }

    @Override
    public int pending() {
        tx.sync();
        return tx.pending();
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    public long received() {
        return received;
    }

    @Override
    public ChainSnapshot.Link state() {
        int slots = 0;
        int used = 0;
        for (RxRing ring : port.rxRings()) {
            slots += Math.max(0, ring.slots() - 1);
            used += ring.available();
        }
        return new ChainSnapshot.Link(outside ? "port" : pace.isPresent() ? "vale" : "pipe", slots, used);
    }
}
