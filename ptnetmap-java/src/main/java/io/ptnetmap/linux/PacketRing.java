// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;

/**
 * The ring of a packet socket that the kernel receives into (TPACKET_V2): frames are seen without a system call. Of what is
 * longer than a place of the ring, the ring has the beginning, and the socket the whole.
 *
 * <pre>
 *   0        4         8           12       14       16 ... 24         26          32           tp_mac - 10       tp_mac
 *   +--------+---------+-----------+--------+--------+------+----------+-----------+-- ... -----+-----------------+------
 *   | status | tp_len  | tp_snaplen| tp_mac | tp_net | time | vlan_tci | vlan_tpid | sockaddr_ll| virtio_net_hdr  | frame
 *   +--------+---------+-----------+--------+--------+------+----------+-----------+-- ... -----+-----------------+------
 * </pre>
 *
 * <p>Each place is the kernel's or ours, as its status says: the kernel fills it and then hands it over with release order, we read
 * it and hand it back likewise. For one thread.
 */
public final class PacketRing {
    /** Bytes of a place: enough for the frame of a 1500-byte MTU. */
    private static final int PLACE = 2048;

    private static final int PLACES = 8192;
    private static final int BLOCK = 1 << 16;

    static final int TPACKET_V2 = 1;
    // struct tpacket_req: block size (4), blocks (4), place size (4), places (4).
    static final int REQUEST_SIZE = 16;

    private static final int LENGTH = 4;
    private static final int PART = 8;
    private static final int MAC = 12;
    private static final int VLAN_TCI = 24;
    private static final int VLAN_TPID = 26;

    private static final int STATUS_KERNEL = 0;
    private static final int STATUS_USER = 1;
    private static final int STATUS_COPY = 2;

    private final Mapping memory;
    private int next;

    /** @param fd a packet socket that has got a ring by {@link #request} */
    PacketRing(int fd) {
        this.memory = Mapping.of(fd, 0, (long) PLACE * PLACES);
    }

    /** Writes the {@code struct tpacket_req} that asks for a ring. */
    static void request(long at) {
        Memory.putInt(at, BLOCK);
        Memory.putInt(at + 4, PLACE * PLACES / BLOCK);
        Memory.putInt(at + 8, PLACE);
        Memory.putInt(at + 12, PLACES);
    }

    private long place() {
        return memory.address() + (long) next * PLACE;
    }

    /** Whether there is a frame to read. */
    public boolean hasFrame() {
        return (Memory.getIntAcquire(place()) & STATUS_USER) != 0;
    }

    /** Whether the whole of the next frame is to be received from the socket. */
    public boolean overflows() {
        return (Memory.getInt(place()) & STATUS_COPY) != 0;
    }

    /** Whether the next frame is longer than what there is of it. */
    public boolean truncated() {
        return length() < Memory.getInt(place() + LENGTH);
    }

    /** Bytes that there are of the next frame. */
    public int length() {
        return Memory.getInt(place() + PART);
    }

    /** Address of the next frame, behind its {@code struct virtio_net_hdr}. */
    public long frame() {
        return place() + (Memory.getShort(place() + MAC) & 0xffff);
    }

    /** The next frame's VLAN tag, see {@link PacketSocket#vlanTag}. */
    public int vlanTag() {
        return PacketSocket.vlanTag(Memory.getInt(place()), place() + VLAN_TCI, place() + VLAN_TPID);
    }

    /** Hands the place of the next frame back, and goes on to the one after it. */
    public void release() {
        Memory.putIntRelease(place(), STATUS_KERNEL);
        next = next + 1 == PLACES ? 0 : next + 1;
    }

    void close() {
        memory.close();
    }
}
