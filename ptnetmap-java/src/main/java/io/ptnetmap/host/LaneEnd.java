// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/**
 * One end of one direction of a pipe, as offsets from the start of its region: what a process needs to run it.
 *
 * @param transmit whether this is the sending end
 * @param ring the ring's number in its port
 * @param lane offset of the {@link PipeLane}
 * @param txRing offset of the sender's ring
 * @param rxRing offset of the receiver's ring
 */
record LaneEnd(boolean transmit, int ring, long lane, long txRing, long rxRing) {
    /**
     * The ring beside an interface's receive ring that the kernel receives into, see {@link XdpRx}, in the place of a lane.
     *
     * @param slots of the reserve
     * @param reserve its offset
     * @param rxRing offset of the port's ring
     */
    static LaneEnd reserve(int ring, int slots, long reserve, long rxRing) {
        return new LaneEnd(false, ring, slots, reserve, rxRing);
    }
}
