// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.memory.Memory;

/**
 * One direction of a pipe: the state that its two ends share beside the rings, in the region's control area.
 *
 * <pre>
 *     0  PUBLISHED  tx end   slot after the last complete packet that it has handed over
 *     4  TX_HWCUR   tx end   first slot that it has not taken from its user yet
 *     8  TX_HWTAIL  tx end   first slot that its user does not own
 *   128  RELEASED   rx end   first slot that it has not given back
 *   132  RX_HWTAIL  rx end   first slot that its user has not seen
 *   256  TX_ARMED   tx end   non-zero: wake me when slots come back
 *   384  RX_ARMED   rx end   non-zero: wake me when packets come
 * </pre>
 *
 * <p>Each group of words has one writer and 128 bytes to itself, so that neither a store nor the neighbour-line
 * prefetcher takes a line away from the other end.
 *
 * <p><b>Who owns slot k.</b> The two rings of a lane share one set of buffers, and slot k of one ring mirrors slot k of
 * the other. The receive ring's slot is the valid one from {@code RELEASED} up to {@code PUBLISHED}, the transmit ring's
 * everywhere else. Because each bound is moved by one store after the slots have been written, this holds after every
 * single instruction, whoever dies when.
 */
final class PipeLane {
    /** Bytes of a lane. */
    static final int SIZE = 512;

    static final int PUBLISHED = 0;
    static final int TX_HWCUR = 4;
    static final int TX_HWTAIL = 8;
    static final int RELEASED = 128;
    static final int RX_HWTAIL = 132;
    static final int TX_ARMED = 256;
    static final int RX_ARMED = 384;

    private PipeLane() {}

    /** The state of a fresh lane: everything but the gap slot belongs to the transmitting user. */
    static void initialise(long lane, int slots) {
        Memory.zero(lane, SIZE);
        Memory.putInt(lane + TX_HWTAIL, slots - 1);
    }

    /** Whether slot {@code k} is the receive ring's, see the class comment. */
    static boolean receiverOwns(int k, int released, int published) {
        return released <= published ? released <= k && k < published : k >= released || k < published;
    }
}
