// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.memory.Memory;

/**
 * One direction of a pipe: what its two ends share beside the rings, in the region's control area.
 *
 * <pre>
 *     0  TAKEN        rx end   slot after the last packet that it has taken up; for who comes after it
 *   128  RELEASED     rx end   first slot that it has not given back
 *   256  TX_ARMED     tx end   its request to be woken when slots come back; 0 = none
 *   260  TX_FENCE     tx end   whether it sleeps often, so that the rx end shall fence
 *   264  TX_REQUESTS  tx end   number of its last request
 *   384  RX_ARMED     rx end   its request to be woken when packets come; 0 = none
 *   388  RX_FENCE     rx end   whether it sleeps often, so that the tx end shall fence
 *   392  RX_REQUESTS  rx end   number of its last request
 * </pre>
 *
 * <p>Each group of words has one writer and 128 bytes to itself, so that neither a store nor the neighbour-line
 * prefetcher takes a line away from the other end.
 *
 * <p><b>How packets are handed over.</b> The sender copies slots to the receive ring, and then writes the first of them once
 * more, with the number of slots in the upper bits of {@code buf_idx}:
 *
 * <pre>
 *   31            20 19                         0
 *   [ slots, or 0  ][ index of the buffer        ]
 * </pre>
 *
 * <p>So the receiver looks for packets in the very slot that it reads next: one cache line comes over from the other
 * processor, not two one after the other. It takes the bits away before its user gets to see the slot.
 *
 * <p><b>Who owns slot k.</b> The two rings of a lane share one set of buffers, and slot k of one ring mirrors slot k of
 * the other. The receive ring's slot is the valid one from {@code RELEASED} up to the end of what has been handed over
 * ({@link #published}), the transmit ring's everywhere else. Because each of the two bounds is moved by one store after the
 * slots have been written, this holds after every single instruction, whoever dies when. An end that is opened anew starts
 * from the two bounds and from its ring's {@code head}; nothing else needs to be remembered.
 *
 * <p><b>Who fences.</b> Between an end's publishing and its looking whether the other sleeps, and between that one's going to
 * sleep and its looking for packets once more, there must be a full barrier each. Fencing at each sync would slow down those who
 * are busy; so who goes to sleep has the system run a barrier on all processors ({@code membarrier(2)}), which costs as
 * much as a wake-up. An end that sleeps often does that only once, and asks its peer to fence from then on.
 *
 * <p>Requests are numbered, so that one is answered once; the numbers outlive the process, so that its successor's
 * requests are not taken for answered ones.
 */
final class PipeLane {
    /** Bytes of a lane. */
    static final int SIZE = 512;

    static final int TAKEN = 0;
    static final int RELEASED = 128;
    static final int TX_ARMED = 256;
    static final int RX_ARMED = 384;
    /** From an end's request to its wish for fences; one aligned word of 64 bits holds both. */
    static final int FENCE = 4;
    /** From an end's request to the number of its last one. */
    static final int REQUESTS = 8;

    /** Bits of {@code buf_idx} that are a buffer's index: enough for the million that a region can have (ABI §2.9). */
    static final int INDEX_BITS = 20;

    /** The bits of a descriptor that say how many slots are handed over. */
    static final long BATCH = 0xffff_ffffL & -(1L << INDEX_BITS);

    private PipeLane() {}

    /** The state of a fresh lane: every slot belongs to the transmitting end. */
    static void initialise(long lane) {
        Memory.zero(lane, SIZE);
    }

    /** How many slots are handed over from this one on; 0 = none, or they have been taken up. */
    static int batch(long descriptor) {
        return (int) descriptor >>> INDEX_BITS;
    }

    /** A slot's descriptor as its user may see it. */
    static long plain(long descriptor) {
        return descriptor & ~BATCH;
    }

    /** The slot that a word of the lane names; 0 where others have put nonsense there. */
    static int slotAt(long word, int slots) {
        int slot = Memory.getIntAcquire(word);
        return Integer.compareUnsigned(slot, slots) < 0 ? slot : 0;
    }

    /**
     * The slot after the last complete packet handed over. May be asked while the receiver takes packets up, but not while
     * the sender sends.
     *
     * @param lane its address
     * @param rxRing address of the receiver's ring
     */
    static int published(long lane, long rxRing, int slots) {
        while (true) {
            int taken = slotAt(lane + TAKEN, slots);
            int most = RingWindow.distance(taken, slotAt(lane + RELEASED, slots), slots);
            int room = most == 0 ? slots - 1 : most - 1;
            int end = taken;
            for (int batch = batchAt(rxRing, end); batch != 0 && batch <= room; batch = batchAt(rxRing, end)) {
                room -= batch;
                end = end + batch >= slots ? end + batch - slots : end + batch;
            }
            // A receiver says that it takes a batch up before it does.
            if (slotAt(lane + TAKEN, slots) == taken) {
                return end;
            }
        }
    }

    private static int batchAt(long rxRing, int slot) {
        return batch(Memory.getLongAcquire(NetmapRing.slot(rxRing, slot)));
    }

    /** Whether slot {@code k} is the receive ring's, see the class comment. */
    static boolean receiverOwns(int k, int released, int published) {
        return released <= published ? released <= k && k < published : k >= released || k < published;
    }
}
