// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.XdpRing;
import io.ptnetmap.linux.XdpSocket;
import io.ptnetmap.memory.Memory;
import java.util.Optional;

/**
 * The transmit ring of an interface over an XDP socket: slots are sent from their buffers, with a system call per batch where
 * the kernel asks for it.
 *
 * <p>A slot is the user's again when its frame has been sent. Until then its buffer stays named by it, so that none is lost if
 * this process dies. Where frames are done in another order than they were handed over, slots exchange their buffers: the first
 * slot in flight gets the buffer that is free, so that no frame that takes long keeps others' slots.
 *
 * <pre>
 *   hwtail   done                  hwcur
 *   user's | in flight: [3] [7] [5] | user's
 *                       [3] [7] [5]     buffer 5 has been sent
 *                       [5] [7] [3]     done moves on
 * </pre>
 *
 * <p>A packet that can never be sent is dropped and counted: longer than the MTU, shorter than an Ethernet header, of more than
 * {@value NetmapSlot#NETMAP_MAX_FRAGS} slots, or with a bad slot; and all of them while the interface is down or gone.
 */
final class XdpTx extends RingEnd {
    private static final int ETHERNET_HEADER = 14;
    private static final int ETHER_TYPE = 12;
    private static final int VLAN = 0x8100;
    private static final int TAG_SIZE = 4;
    /** Most pieces that the kernel sends as one packet. */
    private static final int MOST_PIECES = 17;

    private static final long LAST_WAIT = 100_000_000;

    private final XdpMemory umem;
    private final XdpAdapter adapter;
    private final long bufferBase;
    /** By slot in flight: its buffer. */
    private final int[] names;
    /** By slot in flight: bytes to send from its buffer. */
    private final int[] sizes;
    /** By buffer in flight: its slot. */
    private final int[] places;

    private Optional<XdpSocket> socket = Optional.empty();
    private XdpRing transmit;
    private XdpRing completion;
    /** Whether packets may be in several pieces. */
    private boolean several;

    /** First slot in flight. */
    private int done;

    /** Of the packet that is looked at: lengths of its fragments, and their sum; -1 where it cannot be sent. */
    private final int[] lengths = new int[NetmapSlot.NETMAP_MAX_FRAGS];

    private int total;

    private volatile long sent;
    private volatile long dropped;
    private volatile boolean backlog;

    XdpTx(RegionView region, XdpMemory umem, long ring, int slots, XdpAdapter adapter) {
        super(region, ring, slots);
        this.umem = umem;
        this.adapter = adapter;
        this.bufferBase = region.bufferBase();
        this.names = new int[slots];
        this.sizes = new int[slots];
        this.places = new int[buffers];
        this.hwtail = slots - 1;
    }

    /** Begins to send by a socket. */
    synchronized void begin(XdpSocket by, boolean inPieces) {
        socket = Optional.of(by);
        transmit = by.transmit();
        completion = by.completion();
        several = inPieces;
    }

    /** Stops sending. What is in flight counts as sent: it may have been. */
    synchronized void end() {
        socket = Optional.empty();
        done = hwcur;
        backlog = false;
    }

    /** Gives what was handed over some time to leave. */
    synchronized void flush() {
        long deadline = System.nanoTime() + LAST_WAIT;
        while (inFlight() && socket.isPresent() && adapter.isUp() && System.nanoTime() < deadline) {
            kick();
            reap();
            Thread.onSpinWait();
        }
    }

    @Override
    boolean transmits() {
        return true;
    }

    @Override
    synchronized void exchange(int head) {
        if (socket.isPresent()) {
            reap();
            if (adapter.isGone()) {
                end();
            }
        }
        if (hwcur != head && push(head) || backlog) {
            kick();
            reap();
        }
        hwtail = previous(done);
    }

    /** Learns which buffers have been sent. */
    private void reap() {
        int count = completion.available();
        for (int i = 0; i < count; i++) {
            finished(umem.umem().offset(XdpRing.address(completion.take())));
        }
        if (count > 0) {
            completion.release();
        }
    }

    /** A piece of a fragment has been sent, perhaps its last one. */
    private void finished(long offset) {
        int buffer = umem.buffer(offset);
        int slot = places[buffer];
        if (names[slot] == buffer
                && offset - umem.frame(buffer) + umem.sendRoom() >= sizes[slot]
                && RingWindow.distance(done, slot, slots) < RingWindow.distance(done, hwcur, slots)) {
            free(slot);
        }
    }

    /** Makes the first slot in flight the user's, with the buffer of this one. */
    private void free(int slot) {
        if (slot != done) {
            int spare = names[slot];
            names[slot] = names[done];
            sizes[slot] = sizes[done];
            places[names[done]] = slot;
            rename(slot, names[done]);
            rename(done, spare);
        }
        done = next(done);
    }

    private void rename(int slot, int buffer) {
        long at = NetmapRing.slot(ring, slot);
        NetmapSlot.write(
                at, NetmapSlot.descriptor(buffer, NetmapSlot.len(NetmapSlot.read(at)), NetmapSlot.NS_BUF_CHANGED));
    }

    /** Hands complete packets over, up to {@code head}. Returns whether there were any. */
    private boolean push(int head) {
        boolean usable = socket.isPresent() && adapter.isUp();
        int good = 0;
        int bad = 0;
        for (int count = next(head, usable); count > 0; count = next(head, usable)) {
            int first = hwcur;
            for (int i = 0; i < count; i++) {
                places[names[hwcur]] = hwcur;
                hwcur = next(hwcur);
            }
            if (usable && total >= ETHERNET_HEADER && total <= longest(first) && send(first, count)) {
                good++;
            } else {
                bad++;
                for (int i = 0, slot = first; i < count; i++, slot = next(slot)) {
                    free(slot);
                }
            }
        }
        if (good > 0) {
            transmit.publish();
            sent += good;
        }
        if (bad > 0) {
            dropped += bad;
        }
        return good > 0;
    }

    /** As {@link #gather}; 0 also where there are no more slots, or no room for a packet's pieces. */
    private int next(int head, boolean usable) {
        return hwcur == head || usable && transmit.room() < MOST_PIECES ? 0 : gather(head);
    }

    /**
     * Reads the slots of the next packet, each once, into {@link #names} and {@link #lengths}.
     *
     * @return how many slots it has; 0 = its last one has not come yet
     */
    private int gather(int head) {
        int count = 0;
        boolean good = true;
        boolean more = true;
        total = 0;
        for (int at = hwcur; more && at != head; at = next(at)) {
            long descriptor = NetmapSlot.read(NetmapRing.slot(ring, at));
            int buffer = NetmapSlot.bufIdx(descriptor);
            int length = NetmapSlot.len(descriptor);
            if (!validBuffer(buffer) || length > bufferSize) {
                violation();
                good = false;
                buffer = 0;
            }
            names[at] = buffer;
            if (count == lengths.length) {
                good = false;
            } else {
                lengths[count] = length;
            }
            total += length;
            count++;
            more = (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0;
            good &= count <= lengths.length;
        }
        if (more) {
            if (count <= NetmapSlot.NETMAP_MAX_FRAGS && count != slots - 1) {
                return 0;
            }
            good = false;
        }
        if (!good) {
            total = -1;
        }
        return count;
    }

    /** Longest packet that the interface takes: beside the MTU a header, and one VLAN tag where there is one. */
    private int longest(int slot) {
        boolean tagged = lengths[0] >= ETHERNET_HEADER
                && (Memory.getShortBigEndian(address(slot) + ETHER_TYPE) & 0xffff) == VLAN;
        return adapter.mtu() + ETHERNET_HEADER + (tagged ? TAG_SIZE : 0);
    }

    private long address(int slot) {
        return bufferBase + (long) names[slot] * bufferSize;
    }

    /** Writes a packet's pieces into the socket's ring. Returns false where it has too many. */
    private boolean send(int first, int count) {
        int most = umem.sendRoom();
        int left = 0;
        for (int i = 0; i < count; i++) {
            left += (lengths[i] + most - 1) / most;
        }
        if (left > 1 && (!several || left > MOST_PIECES)) {
            if (total > Math.min(most, bufferSize)) {
                return false;
            }
            join(first, count);
            left = 1;
        }
        for (int i = 0, slot = first; i < count; i++, slot = next(slot)) {
            sizes[slot] = lengths[i];
            if (lengths[i] == 0) {
                // Nothing of it is sent, so nothing will say that it has been.
                free(slot);
            }
            for (int at = 0; at < lengths[i]; at += most) {
                piece(umem.frame(names[slot]) + at, Math.min(most, lengths[i] - at), --left);
            }
        }
        return true;
    }

    private void piece(long offset, int length, int left) {
        transmit.put(offset, length, left > 0 ? XdpRing.CONTINUES : 0);
    }

    /** Copies a packet's fragments together into its first buffer. */
    private void join(int first, int count) {
        int at = lengths[0];
        for (int i = 1, slot = next(first); i < count; i++, slot = next(slot)) {
            Memory.copy(address(slot), address(first) + at, lengths[i]);
            at += lengths[i];
            lengths[i] = 0;
        }
        lengths[0] = at;
    }

    /** Has the kernel send what it has been handed, as far as it has room. */
    private void kick() {
        int before = transmit.outstanding();
        boolean again = before > 0 && transmit.needsWakeup();
        while (again) {
            int result = -socket.orElseThrow().kickTransmit();
            int now = transmit.outstanding();
            if (result == Errno.EBUSY.number()) {
                // The interface has dropped one of them.
                dropped += 1;
                sent -= 1;
            } else if (result == Errno.ENETDOWN.number() || result == Errno.ENXIO.number()) {
                adapter.failed();
            }
            again = result != 0 && now > 0 && now < before;
            before = now;
        }
        backlog = transmit.outstanding() > 0;
    }

    /** Whether packets wait for the kernel to take them. */
    boolean hasBacklog() {
        return backlog;
    }

    /** Whether buffers are in the kernel's hands. */
    boolean inFlight() {
        return done != hwcur;
    }

    long sent() {
        return sent;
    }

    @Override
    long dropped() {
        return dropped;
    }
}
