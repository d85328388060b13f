// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.memory.Memory;

/**
 * One direction of a pipe: the state that its two ends share beside the rings, in the region's control area.
 *
 * <pre>
 *     0  PUBLISHED    tx end   slot after the last complete packet that it has handed over
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
 * <p><b>Who owns slot k.</b> The two rings of a lane share one set of buffers, and slot k of one ring mirrors slot k of
 * the other. The receive ring's slot is the valid one from {@code RELEASED} up to {@code PUBLISHED}, the transmit ring's
 * everywhere else. Because each bound is moved by one store after the slots have been written, this holds after every
 * single instruction, whoever dies when. An end that is opened anew starts from the two bounds and from its ring's
 * {@code head}; nothing else needs to be remembered.
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

    static final int PUBLISHED = 0;
    static final int RELEASED = 128;
    static final int TX_ARMED = 256;
    static final int RX_ARMED = 384;
    /** From an end's request to its wish for fences; one aligned word of 64 bits holds both. */
    static final int FENCE = 4;
    /** From an end's request to the number of its last one. */
    static final int REQUESTS = 8;

    private PipeLane() {}

    /** The state of a fresh lane: every slot belongs to the transmitting end. */
    static void initialise(long lane) {
        Memory.zero(lane, SIZE);
    }

    /** Whether slot {@code k} is the receive ring's, see the class comment. */
    static boolean receiverOwns(int k, int released, int published) {
        return released <= published ? released <= k && k < published : k >= released || k < published;
    }
}
