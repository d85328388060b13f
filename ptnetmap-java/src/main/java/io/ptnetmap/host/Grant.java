// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.List;

/**
 * A port as the host has given it out.
 *
 * @param region where it lies
 * @param interfaceOffset of its {@code netmap_if}
 * @param registration what its process is told
 * @param rings the pipe rings that it holds; none for other ports
 * @param eventfd wakes its user, -1 where nothing ever does
 * @param peerEventfd wakes the other end's user, -1 likewise
 * @param owner whose slots it uses: a pipe that it shares with the other end, or rings of its own
 */
record Grant(
        Region region,
        long interfaceOffset,
        Registration registration,
        List<HeldRing> rings,
        int eventfd,
        int peerEventfd,
        SlotOwner owner) {

    /** A ring of one end of a pipe. */
    record HeldRing(int end, int ring, boolean transmit) {}
}
