// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.MessageVector;
import io.ptnetmap.linux.PacketRing;
import io.ptnetmap.linux.PacketSocket;
import io.ptnetmap.memory.Memory;

/**
 * The receive ring of an interface. What its user sees are the frames that a wire would carry, whatever the kernel has put
 * off or done ahead: VLAN tags are put back, checksums completed, frames that the kernel has merged (GRO) or not yet cut
 * (GSO) are cut to the size of the wire's.
 *
 * <p>Frames are copied out of the socket's ring into the buffers of free slots. What is too long for the socket's ring is
 * received from the socket, into the buffer of a free slot and from there into an area beside the ring, where it is cut if need
 * be, and copied into as many slots as it takes; what does not fit the ring yet waits there. Where the kernel has given the
 * socket no ring, all frames are received so, in batches. Nothing is received while there is no free slot, so that it is the
 * kernel that drops, and counts, what a slow user misses.
 */
final class InterfaceRx extends RingEnd {
    private static final int BATCH = 64;
    /** Parts of a message: header, buffer, overflow. */
    private static final int PARTS = 3;

    private static final int HEADER_STRIDE = 16;
    /** Longest frame: what an IP packet can have, its link layer, and a tag. */
    private static final int MAX_FRAME = 65536 + 64;

    private static final int TAG_SIZE = 4;
    /** Bytes from one frame's place to the next, not a power of two: they would all meet in the same cache sets. */
    private static final int STRIDE = MAX_FRAME + TAG_SIZE + 60 + 128;

    private final PacketAdapter adapter;
    private final long bufferBase;
    /** Bytes of a frame that go into the slot's buffer, the rest flows over. */
    private final int inBuffer;

    private final MessageVector messages = new MessageVector(BATCH, BATCH * PARTS, PacketSocket.CONTROL_SIZE);
    private final Mapping area = Mapping.anonymous((long) BATCH * (HEADER_STRIDE + STRIDE));
    private final Segmenter segmenter = new Segmenter();

    /** By message: its frame's length, its VLAN tag, and whether some of it is lost. */
    private final int[] lengths = new int[BATCH];

    private final int[] tags = new int[BATCH];
    private final boolean[] truncated = new boolean[BATCH];

    /** Messages in the area that have not been delivered. */
    private int waiting;

    private int waitingEnd;
    /** Whether the segmenter is at work on the first of them. */
    private boolean cutting;

    private volatile long received;
    private volatile long dropped;
    private boolean closed;

    InterfaceRx(RegionView region, long ring, int slots, PacketAdapter adapter) {
        super(region, ring, slots);
        this.adapter = adapter;
        this.bufferBase = region.bufferBase();
        this.inBuffer = Math.min(bufferSize, MAX_FRAME);
        for (int i = 0; i < BATCH; i++) {
            messages.part(i * PARTS, header(i), PacketSocket.VNET_HEADER_SIZE);
            messages.part(i * PARTS + 2, place(i) + inBuffer, MAX_FRAME - inBuffer);
        }
    }

    @Override
    boolean transmits() {
        return false;
    }

    /** Synchronized for {@link #close} alone: a descriptor that is closed under a sync may be another file's by then. */
    @Override
    synchronized void exchange(int head) {
        hwcur = head;
        int before = hwtail;
        while (room() > 0 && !closed) {
            boolean more = waiting < waitingEnd ? deliverWaiting() : receive(Math.min(room(), BATCH));
            if (!more) {
                break;
            }
        }
        if (hwtail != before) {
            stamp();
        }
    }

    boolean hasRoom() {
        return room() > 0;
    }

    /** Receives up to {@code count} frames. Returns whether there may be more. */
    private boolean receive(int count) {
        PacketRing source = adapter.ring();
        return source == null ? receiveFromSocket(count) : receiveFromRing(source, count);
    }

    private boolean receiveFromRing(PacketRing source, int count) {
        for (int i = 0; i < count; i++) {
            if (!source.hasFrame()) {
                // An error comes with no frame. It is told by poll.
                return false;
            }
            if (source.overflows()) {
                source.release();
                return receiveFromSocket(1);
            }
            lengths[0] = source.length();
            tags[0] = source.vlanTag();
            truncated[0] = source.truncated();
            Memory.copy(source.frame() - PacketSocket.VNET_HEADER_SIZE, header(0), PacketSocket.VNET_HEADER_SIZE);
            if (fitsInPlace(0)) {
                Memory.copy(source.frame(), bufferAddress(hwtail), lengths[0]);
                deliverInPlace(0);
                source.release();
            } else {
                Memory.copy(source.frame(), place(0), lengths[0]);
                source.release();
                waiting = 0;
                waitingEnd = 1;
                cutting = false;
                return true;
            }
        }
        return true;
    }

    private boolean receiveFromSocket(int count) {
        int slot = hwtail;
        for (int i = 0; i < count; i++) {
            messages.part(i * PARTS + 1, bufferAddress(slot), inBuffer);
            messages.message(i, i * PARTS, PARTS);
            slot = next(slot);
        }
        int result = adapter.isGone() ? -Errno.ENXIO.number() : messages.receive(adapter.socket(), count);
        if (result < 0) {
            afterError(-result);
            return false;
        }
        for (int i = 0; i < result; i++) {
            lengths[i] = Math.max(0, messages.length(i) - PacketSocket.VNET_HEADER_SIZE);
            tags[i] = PacketSocket.vlanTag(messages, i);
            truncated[i] = messages.truncated(i);
        }
        for (int i = 0; i < result; i++) {
            if (!fitsInPlace(i)) {
                putAside(i, result);
                break;
            }
            deliverInPlace(i);
        }
        return result == count || waiting < waitingEnd;
    }

    private void afterError(int errno) {
        if (errno == Errno.EINVAL.number()) {
            // A merged frame of a kind that virtio_net_hdr has no name for. The kernel has dropped it.
            dropped += 1;
        } else if (errno == Errno.ENETDOWN.number()) {
            adapter.failed();
        }
    }

    /** Address of the buffer of a slot; of buffer 0, whose content is nobody's, where the slot names none. */
    private long bufferAddress(int slot) {
        int index = NetmapSlot.bufIdx(NetmapSlot.read(NetmapRing.slot(ring, slot)));
        if (!validBuffer(index)) {
            violation();
            index = 0;
        }
        return bufferBase + (long) index * bufferSize;
    }

    /** Whether a frame needs no more than one buffer, nor to be cut. */
    private boolean fitsInPlace(int message) {
        return gsoType(message) == PacketSocket.GSO_NONE
                && !truncated[message]
                && lengths[message] + (tags[message] == 0 ? 0 : TAG_SIZE) <= bufferSize;
    }

    /** Finishes a frame that is wholly in the buffer of slot {@code hwtail}. */
    private void deliverInPlace(int message) {
        fillSlot(finish(message, bufferAddress(hwtail), lengths[message], tags[message]), 0);
        received += 1;
    }

    /** Does what the kernel has left to do for a frame that is not to be cut. Returns its length. */
    private int finish(int message, long frame, int length, int tag) {
        if (needsChecksum(message)) {
            segmenter.completeChecksum(frame, length, checksumStart(message), checksumOffset(message));
        }
        return tag == 0 ? length : insertTag(frame, length, tag);
    }

    /** Puts a VLAN tag back behind the addresses (IEEE 802.1Q §9). */
    private static int insertTag(long frame, int length, int tag) {
        int addresses = Math.min(length, 12);
        Memory.copy(frame + addresses, frame + addresses + TAG_SIZE, length - addresses);
        Memory.putIntBigEndian(frame + addresses, tag);
        return length + TAG_SIZE;
    }

    /** Moves the messages from {@code first} on out of the buffers: their slots are needed for the first one's frames. */
    private void putAside(int first, int end) {
        int slot = hwtail;
        for (int i = first; i < end; i++) {
            Memory.copy(bufferAddress(slot), place(i), Math.min(lengths[i], inBuffer));
            slot = next(slot);
        }
        waiting = first;
        waitingEnd = end;
        cutting = false;
    }

    /** Delivers what was put aside, as far as there is room. Returns whether nothing of it is left. */
    private boolean deliverWaiting() {
        while (waiting < waitingEnd) {
            if (!cutting && !beginCutting()) {
                dropped += 1;
                waiting++;
                continue;
            }
            cutting = true;
            do {
                int needed = Math.max(1, (segmenter.length() + bufferSize - 1) / bufferSize);
                if (needed > Math.min(slots - 1, NetmapSlot.NETMAP_MAX_FRAGS)) {
                    dropped += 1;
                } else if (needed > room()) {
                    return false;
                } else {
                    scatter(segmenter.address(), segmenter.length());
                }
            } while (segmenter.next());
            cutting = false;
            waiting++;
        }
        return true;
    }

    private boolean beginCutting() {
        long frame = place(waiting);
        int length = lengths[waiting];
        int tag = tags[waiting];
        if (truncated[waiting]) {
            return false;
        }
        if (gsoType(waiting) == PacketSocket.GSO_NONE) {
            segmenter.whole(frame, finish(waiting, frame, length, tag));
            return true;
        }
        int tagSize = tag == 0 ? 0 : TAG_SIZE;
        int total = tag == 0 ? length : insertTag(frame, length, tag);
        return segmenter.cut(frame, total, gsoType(waiting), gsoSize(waiting), checksumStart(waiting) + tagSize);
    }

    private void scatter(long frame, int length) {
        int done = 0;
        do {
            int part = Math.min(length - done, bufferSize);
            Memory.copy(frame + done, bufferAddress(hwtail), part);
            done += part;
            fillSlot(part, done < length ? NetmapSlot.NS_MOREFRAG : 0);
        } while (done < length);
        received += 1;
    }

    private void fillSlot(int length, int flags) {
        long slot = NetmapRing.slot(ring, hwtail);
        NetmapSlot.write(slot, NetmapSlot.descriptor(NetmapSlot.bufIdx(NetmapSlot.read(slot)), length, flags));
        NetmapSlot.ptr(slot, 0);
        hwtail = next(hwtail);
    }

    private long header(int message) {
        return area.address() + (long) message * HEADER_STRIDE;
    }

    /** Where a message is put together. */
    private long place(int message) {
        return area.address() + (long) BATCH * HEADER_STRIDE + (long) message * STRIDE;
    }

    private boolean needsChecksum(int message) {
        return (Memory.getByte(header(message) + PacketSocket.VNET_FLAGS) & PacketSocket.NEEDS_CSUM) != 0;
    }

    private int gsoType(int message) {
        return Memory.getByte(header(message) + PacketSocket.VNET_GSO_TYPE) & 0xff & ~PacketSocket.GSO_ECN;
    }

    private int gsoSize(int message) {
        return Memory.getShort(header(message) + PacketSocket.VNET_GSO_SIZE) & 0xffff;
    }

    private int checksumStart(int message) {
        return Memory.getShort(header(message) + PacketSocket.VNET_CSUM_START) & 0xffff;
    }

    private int checksumOffset(int message) {
        return Memory.getShort(header(message) + PacketSocket.VNET_CSUM_OFFSET) & 0xffff;
    }

    long received() {
        return received;
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
        area.close();
    }
}
