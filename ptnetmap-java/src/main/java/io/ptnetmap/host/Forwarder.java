// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.KernelLimits;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.abi.ValeHash;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.util.Arrays;

/**
 * Takes packets from a ring whose user sends into a switch, and copies them to their destinations (ABI §10.2 to §10.4).
 *
 * <p>Slots are gathered in batches. For each packet the destination is looked up and the packet appended to the
 * destination's list; then each destination is served at one go, under its lock. What does not fit there is dropped for
 * that destination, and counted; others get it all the same.
 *
 * <p>Nothing in the ring's memory is trusted: each slot is read once, checked, and what was read is what is used. Its bytes
 * may change while they are copied; that is the sender's loss.
 *
 * <p>For the thread that syncs the ring; the monitor is for {@link #close} and readers of the counters.
 */
final class Forwarder {
    /** Slots after which a batch is full. It then still has room for the packet that it has begun. */
    static final int BATCH = 256;

    private static final int ROOM = BATCH + NetmapSlot.NETMAP_MAX_FRAGS;
    private static final int ETHERNET_HEADER = 14;
    private static final long STATION = (1L << 48) - 1;
    /** In a station: its group bit. */
    private static final int GROUP = 1;

    private static final int BROADCAST = KernelLimits.NM_BDG_BROADCAST;
    private static final int LISTS = BROADCAST + 1;
    private static final int END = ValeBatch.END;

    /** Flags that make a slot other than the usual one, or that are to be cleared in it. */
    private static final int UNUSUAL =
            NetmapSlot.NS_MOREFRAG | NetmapSlot.NS_INDIRECT | NetmapSlot.NS_BUF_CHANGED | NetmapSlot.NS_REPORT;

    private static final int DONE = NetmapSlot.NS_BUF_CHANGED | NetmapSlot.NS_REPORT;

    private final ValePort port;
    private final int ring;
    /** Keeps the addresses valid. */
    private final Mapping memory;

    private final long slot0;
    private final int slots;
    private final long buffer0;
    private final int buffers;
    private final int bufferSize;

    private final ValeCounters counters = new ValeCounters();
    private boolean closed;
    /** Whether what comes next belongs to a packet that has turned out to be too long. */
    private boolean discarding;

    private final ValeBatch batch;
    // Its arrays.
    private final long[] address;
    private final int[] length;
    private final int[] fragments;
    private final int[] next;

    // Lists, by destination.
    private final int[] first = new int[LISTS];
    private final int[] last = new int[LISTS];
    private final int[] packets = new int[LISTS];
    /** Ports that have one. */
    private final int[] busy = new int[LISTS];

    private int busyCount;

    /** Slots that {@link #gatherUnusual} has put into the batch, and packets that it has taken. */
    private int gathered;

    private int takenUnusual;

    /** The port's number at the switch while a batch is under way. */
    private int self;

    /** When it was gathered, seconds. */
    private int now;

    // Senders and receivers mostly repeat.
    private long lastSource = -1;
    private int lastSourceBucket;
    private long lastDestination = -1;
    private int lastDestinationBucket;

    /**
     * @param ring number of the ring in its port
     * @param address of the ring
     * @param slots of it, from who has made it
     */
    Forwarder(ValePort port, int ring, RegionView region, long address, int slots) {
        this.port = port;
        this.ring = ring;
        this.memory = region.memory();
        this.slot0 = NetmapRing.slot(address, 0);
        this.slots = slots;
        this.buffer0 = region.bufferBase();
        this.buffers = region.buffers();
        this.bufferSize = region.bufferSize();
        this.batch = new ValeBatch(ROOM, LISTS, bufferSize);
        this.address = batch.address;
        this.length = batch.length;
        this.fragments = batch.fragments;
        this.next = batch.next;
        Arrays.fill(first, END);
    }

    /**
     * Forwards slots {@code [from, to)}.
     *
     * @return the first slot that was not taken: {@code to}, or the beginning of a packet whose rest is still to come
     */
    synchronized int forward(int from, int to) {
        if (closed) {
            return from;
        }
        ValePort.Attachment attachment = port.attachment();
        ValeSwitch vale = attachment == null ? null : attachment.vale();
        self = attachment == null ? ForwardingTable.UNKNOWN : attachment.number();
        int at = from;
        while (at != to) {
            int end = gather(vale, at, to);
            if (vale != null) {
                deliver(vale.members());
            }
            if (end == at) {
                break;
            }
            at = end;
        }
        return at;
    }

    /** Reads slots until the batch is full. Returns the first that was not taken. */
    private int gather(ValeSwitch vale, int from, int to) {
        now = vale == null ? 0 : vale.now();
        int at = from;
        int n = 0;
        int taken = 0;
        while (at != to && n < BATCH) {
            long slot = Memory.base(slot0) + Integer.toUnsignedLong(at) * NetmapSlot.SIZE;
            long descriptor = NetmapSlot.read(slot);
            int size = NetmapSlot.len(descriptor);
            int index = NetmapSlot.bufIdx(descriptor);
            int flags = NetmapSlot.flags(descriptor);
            if ((flags & UNUSUAL) != 0 || !valid(index, size) || size < ETHERNET_HEADER || discarding) {
                int end = gatherUnusual(vale, at, to, n);
                if (end == at) {
                    break;
                }
                n += gathered;
                at = end;
                taken += takenUnusual;
                continue;
            }
            address[n] = buffer0 + (long) index * bufferSize;
            length[n] = size;
            fragments[n] = 1;
            taken++;
            append(n, route(vale, address[n], (flags & NetmapSlot.NS_NO_LEARN) == 0));
            n++;
            at = at + 1 == slots ? 0 : at + 1;
        }
        counters.taken += taken;
        return at;
    }

    /** One packet of several slots, or that is to be dropped. Returns the slot after it, or {@code from}. */
    private int gatherUnusual(ValeSwitch vale, int from, int to, int n) {
        gathered = 0;
        takenUnusual = 0;
        int count = 0;
        int at = from;
        boolean more = true;
        int firstFlags = 0;
        DropCause cause = null;
        while (more && at != to && (discarding || count < NetmapSlot.NETMAP_MAX_FRAGS)) {
            long slot = Memory.base(slot0) + Integer.toUnsignedLong(at) * NetmapSlot.SIZE;
            long descriptor = NetmapSlot.read(slot);
            int size = NetmapSlot.len(descriptor);
            int index = NetmapSlot.bufIdx(descriptor);
            int flags = NetmapSlot.flags(descriptor);
            if (!discarding) {
                if ((flags & NetmapSlot.NS_INDIRECT) != 0) {
                    cause = DropCause.INDIRECT;
                } else if (!valid(index, size)) {
                    cause = cause == null ? DropCause.BAD_SLOT : cause;
                } else {
                    address[n + count] = buffer0 + (long) index * bufferSize;
                    length[n + count] = size;
                }
                firstFlags = count == 0 ? flags : firstFlags;
                count++;
            }
            if ((flags & DONE) != 0) {
                NetmapSlot.write(slot, NetmapSlot.withFlags(descriptor, flags & ~DONE));
            }
            more = (flags & NetmapSlot.NS_MOREFRAG) != 0;
            at = at + 1 == slots ? 0 : at + 1;
        }
        if (discarding) {
            discarding = more;
            return at;
        }
        if (more) {
            if (count < NetmapSlot.NETMAP_MAX_FRAGS && RingWindow.distance(from, at, slots) < slots - 1) {
                // The rest is still to come.
                return from;
            }
            discarding = true;
            cause = DropCause.TOO_MANY_SLOTS;
        } else if (cause == null && length[n] < ETHERNET_HEADER) {
            cause = DropCause.RUNT;
        }
        takenUnusual = 1;
        if (cause != null) {
            counters.drop(cause, 1);
            return at;
        }
        fragments[n] = count;
        append(n, route(vale, address[n], (firstFlags & NetmapSlot.NS_NO_LEARN) == 0));
        gathered = count;
        return at;
    }

    private boolean valid(int index, int size) {
        return index >= Region.FIRST_BUFFER && index < buffers && size <= bufferSize;
    }

    /** The destination of a frame. Reads its addresses once; learns that of the sender. */
    private int route(ValeSwitch vale, long frame, boolean learn) {
        if (vale == null) {
            return self;
        }
        long head = Memory.getLong(frame);
        long source = head >>> 48 | Integer.toUnsignedLong(Memory.getInt(frame + Long.BYTES)) << 16;
        long destination = head & STATION;
        if (learn && (source & GROUP) == 0) {
            if (source != lastSource) {
                lastSource = source;
                lastSourceBucket = ValeHash.bucket(source);
            }
            vale.table().learn(lastSourceBucket, source, self, now);
        }
        if ((destination & GROUP) != 0) {
            return BROADCAST;
        }
        if (destination != lastDestination) {
            lastDestination = destination;
            lastDestinationBucket = ValeHash.bucket(destination);
        }
        int found = vale.table().port(lastDestinationBucket, destination, now);
        return found == ForwardingTable.UNKNOWN ? BROADCAST : found;
    }

    private void append(int packet, int destination) {
        if (destination == self) {
            counters.drop(self == ForwardingTable.UNKNOWN ? DropCause.NO_OTHER_PORT : DropCause.TO_ITSELF, 1);
            return;
        }
        next[packet] = END;
        if (first[destination] == END) {
            first[destination] = packet;
            if (destination != BROADCAST) {
                busy[busyCount++] = destination;
            }
        } else {
            next[last[destination]] = packet;
        }
        last[destination] = packet;
        packets[destination]++;
    }

    /** Serves all lists of the batch, and empties them. */
    private void deliver(ValeSwitch.Members members) {
        int all = first[BROADCAST];
        if (all != END) {
            deliverToAll(members, all);
        }
        for (int i = 0; i < busyCount; i++) {
            int destination = busy[i];
            if (first[destination] != END) {
                ValePort to = members.byNumber()[destination];
                if (to == null) {
                    // Has left while the batch was gathered.
                    counters.drop(DropCause.NO_OTHER_PORT, packets[destination]);
                } else {
                    counters.copies += packets[destination];
                    deliver(to, ring % to.queueCount(), first[destination], END, packets[destination]);
                }
                forget(destination);
            }
        }
        busyCount = 0;
        batch.wake();
    }

    /** What is for all ports, and for each of them, in the order of arrival, what is for it alone. */
    private void deliverToAll(ValeSwitch.Members members, int all) {
        int broadcasts = packets[BROADCAST];
        boolean others = false;
        for (ValePort to : members.all()) {
            if (to == port) {
                continue;
            }
            others = true;
            int destination = to.number();
            counters.copies += broadcasts;
            if (destination >= 0 && first[destination] != END && ring % to.queueCount() == 0) {
                counters.copies += packets[destination];
                deliver(to, 0, first[destination], all, broadcasts + packets[destination]);
                forget(destination);
            } else {
                deliver(to, 0, END, all, broadcasts);
            }
        }
        if (!others) {
            counters.drop(DropCause.NO_OTHER_PORT, broadcasts);
        }
        forget(BROADCAST);
    }

    private void forget(int destination) {
        first[destination] = END;
        packets[destination] = 0;
    }

    private void deliver(ValePort to, int toRing, int mine, int all, int count) {
        ValeQueue queue = to.queue(toRing);
        if (queue == null || !batch.fill(queue, self, now, mine, all)) {
            to.dropUnopened(count);
        }
    }

    /** With the monitor. */
    ValeCounters counters() {
        return counters;
    }

    /** When this returns, nothing is being forwarded: what begins later sees all that was done before. */
    synchronized void quiesce() {}

    /** When this returns, nothing is being forwarded, nor will be. */
    synchronized void close() {
        closed = true;
    }

    /** For those who want to be sure that the addresses remain valid. */
    Mapping memory() {
        return memory;
    }
}
