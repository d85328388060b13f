// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.XdpSocket;

/**
 * A region's buffers as the memory (UMEM) of XDP sockets, so that frames are received into buffers and sent from them where
 * they lie.
 *
 * <p>An XDP socket receives a frame {@value XdpSocket#HEADROOM} bytes behind the start of a chunk of the UMEM. The chunks
 * therefore begin so much before the buffers:
 *
 * <pre>
 *   buffers       |  buffer 0            |  buffer 1            |  buffer 2   ...
 *   chunks  |  chunk 0             |  chunk 1             |  chunk 2   ...
 *           | 256 | frame          | 256 | frame          |
 * </pre>
 *
 * <p>A received frame has 256 bytes less than a buffer then. Where the first chunk begins on a page's boundary, because the
 * region has {@linkplain RegionConfig#headroom headroom}, and buffers have 2048 or 4096 bytes, no chunk crosses a page: hardware
 * that itself writes to memory needs that. Otherwise chunks lie anywhere, which does where the kernel copies.
 *
 * @param umem as the kernel is told
 * @param first offset of buffer 0 from the start of the UMEM
 * @param bufferSize bytes from one buffer to the next
 * @param shift its logarithm, -1 where it is no power of two
 */
record XdpMemory(XdpSocket.Umem umem, long first, int bufferSize, int shift) {
    private static final int PAGE = 4096;

    /**
     * The buffers of a region.
     *
     * @throws LinuxException EINVAL where they are too small
     */
    static XdpMemory of(RegionView region) {
        int size = region.bufferSize();
        if (size < XdpSocket.LEAST_CHUNK) {
            throw new LinuxException(
                    "XDP socket",
                    Errno.EINVAL,
                    "the region's buffers have " + size + " bytes, they must have at least " + XdpSocket.LEAST_CHUNK);
        }
        long start = region.bufferBase() - XdpSocket.HEADROOM & -PAGE;
        long first = region.bufferBase() - start;
        boolean powerOfTwo = Integer.bitCount(size) == 1;
        boolean aligned = powerOfTwo && size <= XdpSocket.MOST_CHUNK && first == XdpSocket.HEADROOM;
        long chunks = (long) region.buffers() * size;
        XdpSocket.Umem umem = new XdpSocket.Umem(
                start, aligned ? chunks : first + chunks, Math.min(size, XdpSocket.MOST_CHUNK), aligned);
        return new XdpMemory(umem, first, size, powerOfTwo ? Integer.numberOfTrailingZeros(size) : -1);
    }

    /** Whether hardware can use it; small pages are not contiguous for it. */
    boolean allowsZeroCopy() {
        return umem.aligned();
    }

    /** Longest piece of a frame that can be received. */
    int room() {
        return umem.chunk() - XdpSocket.HEADROOM;
    }

    /** Longest piece of a frame that can be sent. */
    int sendRoom() {
        return umem.aligned() ? room() : umem.chunk();
    }

    /** What to fill in for a buffer to receive into: its chunk. */
    long chunk(int buffer) {
        return frame(buffer) - XdpSocket.HEADROOM;
    }

    /** Where a buffer begins. */
    long frame(int buffer) {
        return first + (long) buffer * bufferSize;
    }

    /** The buffer that an offset lies in. */
    int buffer(long offset) {
        return (int) (shift >= 0 ? offset - first >>> shift : (offset - first) / bufferSize);
    }

    /** The buffer whose chunk an offset lies in. */
    int bufferOfChunk(long offset) {
        return buffer(offset + XdpSocket.HEADROOM);
    }

    /** The machine's address of an offset. */
    long address(long offset) {
        return umem.address() + offset;
    }
}
