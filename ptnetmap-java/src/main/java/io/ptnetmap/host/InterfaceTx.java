// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.MessageVector;
import io.ptnetmap.linux.PacketSocket;

/**
 * The transmit ring of an interface: sends its slots in batches, straight from their buffers; packets of several slots are
 * gathered by the kernel.
 *
 * <p>What the kernel has no room for stays in the ring for the next sync. Room is bounded by the socket's send buffer, which
 * is left at its small default on purpose: it is what makes the kernel say EAGAIN, and POLLOUT later, before the
 * interface's queue overflows. A packet that can never be sent is dropped and counted: longer than the MTU, shorter than an
 * Ethernet header, of more than {@value NetmapSlot#NETMAP_MAX_FRAGS} slots, or with a bad slot; and all of them while the
 * interface is down or gone.
 */
final class InterfaceTx extends RingEnd {
    private static final int BATCH = 64;
    private static final int IOVECS = 4 * BATCH;

    private final PacketAdapter adapter;
    private final long bufferBase;
    /** A {@code virtio_net_hdr} that asks for nothing. */
    private final Mapping nothingToDo = Mapping.anonymous(PacketSocket.VNET_HEADER_SIZE);

    private final MessageVector messages = new MessageVector(BATCH, IOVECS, 0);
    /** By message: the slot after its packet. */
    private final int[] ends = new int[BATCH];

    private volatile long sent;
    private volatile long dropped;
    private volatile boolean backlog;
    private boolean closed;

    InterfaceTx(RegionView region, long ring, int slots, PacketAdapter adapter) {
        super(region, ring, slots);
        this.adapter = adapter;
        this.bufferBase = region.bufferBase();
        this.hwtail = slots - 1;
    }

    @Override
    boolean transmits() {
        return true;
    }

    /** Synchronized for {@link #close} alone: a descriptor that is closed under a sync may be another file's by then. */
    @Override
    synchronized void exchange(int head) {
        if (closed) {
            return;
        }
        boolean room = true;
        while (room && hwcur != head) {
            int count = gather(head);
            if (count == 0) {
                // An incomplete packet, which waits for its last slot.
                break;
            }
            room = send(count);
        }
        backlog = !room;
        hwtail = previous(hwcur);
    }

    /** Makes messages of complete packets, from {@code hwcur} on. Returns how many. */
    private int gather(int head) {
        int count = 0;
        int iovec = 0;
        int slot = hwcur;
        while (slot != head && count < BATCH && iovec + 1 + NetmapSlot.NETMAP_MAX_FRAGS <= IOVECS) {
            int first = iovec;
            boolean good = true;
            boolean more = true;
            int at = slot;
            messages.part(iovec++, nothingToDo.address(), PacketSocket.VNET_HEADER_SIZE);
            while (more && at != head) {
                long descriptor = NetmapSlot.read(NetmapRing.slot(ring, at));
                good &= sendable(descriptor) && iovec - first <= NetmapSlot.NETMAP_MAX_FRAGS;
                if (good) {
                    messages.part(iovec++, bufferAddress(descriptor), NetmapSlot.len(descriptor));
                }
                more = (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) != 0;
                at = next(at);
            }
            boolean hopeless = RingWindow.distance(slot, head, slots) > NetmapSlot.NETMAP_MAX_FRAGS
                    || RingWindow.distance(slot, head, slots) == slots - 1;
            if (more && !hopeless) {
                break;
            }
            if (more || !good) {
                if (count > 0) {
                    break;
                }
                drop(1, at);
                iovec = first;
            } else {
                messages.message(count, first, iovec - first);
                ends[count++] = at;
            }
            slot = at;
        }
        return count;
    }

    private boolean sendable(long descriptor) {
        if (validBuffer(NetmapSlot.bufIdx(descriptor)) && NetmapSlot.len(descriptor) <= bufferSize) {
            return true;
        }
        violation();
        return false;
    }

    private long bufferAddress(long descriptor) {
        return bufferBase + (long) NetmapSlot.bufIdx(descriptor) * bufferSize;
    }

    /** Sends the first of {@code count} messages, or drops it if it cannot be sent. False where the kernel has no room. */
    private boolean send(int count) {
        int result = adapter.isGone() ? -Errno.ENXIO.number() : messages.send(adapter.socket(), count);
        if (result < 0 && !hasNoRoom(-result)) {
            // An error may be old news that the socket kept for its next caller, whoever that is.
            result = messages.send(adapter.socket(), count);
        }
        if (result > 0) {
            sent += result;
            hwcur = ends[result - 1];
            return true;
        }
        if (hasNoRoom(-result)) {
            return false;
        }
        if (-result == Errno.ENETDOWN.number() || -result == Errno.ENXIO.number()) {
            adapter.failed();
            drop(count, ends[count - 1]);
        } else {
            drop(1, ends[0]);
        }
        return true;
    }

    private static boolean hasNoRoom(int errno) {
        return errno == Errno.EAGAIN.number()
                || errno == Errno.ENOBUFS.number()
                || errno == Errno.ENOMEM.number()
                || errno == Errno.EINTR.number();
    }

    private void drop(int packets, int end) {
        dropped += packets;
        hwcur = end;
    }

    /** Whether packets wait for room in the kernel. */
    boolean hasBacklog() {
        return backlog;
    }

    long sent() {
        return sent;
    }

    @Override
    long dropped() {
        return dropped;
    }

    /** Does something when no sync is under way. */
    synchronized void after(Runnable action) {
        action.run();
    }

    synchronized void close() {
        closed = true;
        nothingToDo.close();
    }
}
