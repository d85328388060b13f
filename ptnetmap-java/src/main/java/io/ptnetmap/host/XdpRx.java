// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.XdpRing;
import io.ptnetmap.linux.XdpSocket;
import io.ptnetmap.memory.Memory;
import java.util.List;

/**
 * The receive ring of an interface over XDP sockets: frames of one or several hardware queues, without a system call.
 *
 * <p>The kernel receives into buffers of a ring beside the port's, the <i>reserve</i>, so it can go on while the port's ring is
 * full. A frame is delivered by exchanging buffers: the one with the frame goes into the next slot of the port's ring, the one
 * that was there is given to the kernel in its place.
 *
 * <pre>
 *   port's ring     user's | [7] [9] [4] | user's          free slots; the user has given these buffers back
 *   reserve          [2] [5] [8] [3] ...                   all in the kernel's hands; a frame has come in buffer 5
 *
 *   port's ring     user's + [5]| [9] [4] | user's
 *   reserve          [2] [7] [8] [3] ...                   buffer 7 is filled in
 * </pre>
 *
 * <p>So each buffer is named by one slot at any time, whoever walks the region finds it, and none is lost if this process dies.
 * What the reserve names is kept here too: what others may write into the region decides nothing.
 */
final class XdpRx extends RingEnd {
    private static final XdpSocket[] NONE = {};

    private final XdpMemory umem;
    private final long bufferBase;
    private final long reserve;
    /** By slot of the reserve: its buffer. */
    private final int[] names;
    /** By buffer of the reserve: its slot. */
    private final int[] places;

    private XdpSocket[] sockets = NONE;
    /** Whether the driver is polled by looking at its sockets. */
    private boolean polls;
    /** Completes checksums; null where frames come complete. */
    private LocalChecksums checksums;

    private volatile long received;
    private volatile long dropped;

    /**
     * @param ring address of the port's ring
     * @param reserve address of the reserve
     * @param reserved slots of the reserve
     */
    XdpRx(RegionView region, XdpMemory umem, long ring, int slots, long reserve, int reserved) {
        super(region, ring, slots);
        this.umem = umem;
        this.bufferBase = region.bufferBase();
        this.reserve = reserve;
        this.names = new int[reserved];
        this.places = new int[buffers];
        for (int i = 0; i < reserved; i++) {
            int buffer = NetmapSlot.bufIdx(NetmapSlot.read(NetmapRing.slot(reserve, i)));
            names[i] = validBuffer(buffer) ? buffer : 0;
            places[names[i]] = i;
        }
    }

    /** Begins to receive from sockets; each gets an equal part of the reserve. */
    synchronized void begin(List<XdpSocket> from, boolean polling, boolean completesChecksums) {
        polls = polling;
        checksums = completesChecksums ? new LocalChecksums(slots) : null;
        for (int i = 0; i < names.length; i++) {
            from.get(i % from.size()).fill().put(umem.chunk(names[i]));
        }
        from.forEach(XdpRx::publish);
        sockets = from.toArray(XdpSocket[]::new);
    }

    /** Stops receiving. The kernel keeps the buffers until the sockets are closed. */
    synchronized void end() {
        sockets = NONE;
    }

    private static void publish(XdpSocket socket) {
        socket.fill().publish();
        if (socket.fill().needsWakeup()) {
            socket.kickReceive();
        }
    }

    @Override
    boolean transmits() {
        return false;
    }

    @Override
    synchronized void exchange(int head) {
        hwcur = head;
        int before = hwtail;
        for (XdpSocket socket : sockets) {
            if (socket.receive().available() > 0) {
                take(socket);
            } else if (polls) {
                socket.kickReceive();
            }
        }
        if (hwtail != before) {
            stamp();
        }
    }

    boolean hasRoom() {
        return room() > 0;
    }

    /** Delivers what has come by one socket, as far as there is room. */
    private void take(XdpSocket socket) {
        XdpRing from = socket.receive();
        XdpRing fill = socket.fill();
        int packets = 0;
        int taken = 0;
        for (int pieces = pieces(from); pieces > 0; pieces = pieces(from)) {
            if (pieces >= slots) {
                discard(from, fill, pieces);
            } else if (pieces > room()) {
                break;
            } else {
                for (int i = 0; i < pieces; i++) {
                    deliver(from.take(), fill, i);
                }
                if (checksums != null) {
                    checksums.complete(pieces);
                }
                packets++;
            }
            taken += pieces;
        }
        if (taken > 0) {
            from.release();
            publish(socket);
            received += packets;
        }
    }

    /** Pieces of the next packet; 0 = there is none that is complete. */
    private static int pieces(XdpRing from) {
        int count = from.available();
        for (int i = 0; i < count; i++) {
            if (!XdpRing.continues(from.look(i))) {
                return i + 1;
            }
        }
        return 0;
    }

    /** Puts a piece of a packet into the next slot. */
    private void deliver(long entry, XdpRing fill, int number) {
        long offset = umem.umem().offset(XdpRing.address(entry));
        int length = XdpRing.length(entry);
        int buffer = umem.bufferOfChunk(offset);
        int slot = hwtail;
        hwtail = next(slot);
        long at = NetmapRing.slot(ring, slot);
        int spare = NetmapSlot.bufIdx(NetmapSlot.read(at));
        int flags = XdpRing.continues(entry) ? NetmapSlot.NS_MOREFRAG : 0;
        if (!validBuffer(spare)) {
            // Nothing to exchange. The frame is lost.
            violation();
            NetmapSlot.write(at, NetmapSlot.descriptor(0, length, flags));
            fill.put(umem.chunk(buffer));
            return;
        }
        long address = bufferBase + (long) buffer * bufferSize;
        if (umem.address(offset) != address) {
            // A driver that puts something of its own before the frame.
            Memory.copy(umem.address(offset), address, length);
        }
        NetmapSlot.write(at, NetmapSlot.descriptor(buffer, length, flags));
        NetmapSlot.ptr(at, 0);
        int place = places[buffer];
        names[place] = spare;
        places[spare] = place;
        NetmapSlot.write(NetmapRing.slot(reserve, place), NetmapSlot.descriptor(spare, 0, 0));
        fill.put(umem.chunk(spare));
        if (checksums != null) {
            checksums.piece(number, address, length);
        }
    }

    /** Gives the kernel the buffers of a packet back that the ring could never take. */
    private void discard(XdpRing from, XdpRing fill, int pieces) {
        for (int i = 0; i < pieces; i++) {
            fill.put(umem.chunk(umem.bufferOfChunk(umem.umem().offset(XdpRing.address(from.take())))));
        }
        dropped += 1;
    }

    long received() {
        return received;
    }

    @Override
    long dropped() {
        return dropped;
    }
}
