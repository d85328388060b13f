// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import java.util.List;

/**
 * Where a region's buffers are, found by walking all of it: every buffer in use must be in exactly one place (ABI §2.7).
 * Exact while no port of the region moves packets; a snapshot with errors otherwise.
 *
 * @param total buffers of the region, the two reserved ones included
 * @param free buffers in the free pool
 * @param inSlots buffers named by a slot
 * @param extra buffers on lists of extra buffers
 * @param lost indexes in use that are nowhere
 * @param doubled indexes that are in more than one place, or in a slot although they are free
 */
public record BufferAudit(int total, int free, int inSlots, int extra, List<Integer> lost, List<Integer> doubled) {
    /** Whether each buffer is in exactly one place. */
    public boolean clean() {
        return lost.isEmpty() && doubled.isEmpty();
    }

    @Override
    public String toString() {
        return total + " buffers: " + free + " free, " + inSlots + " in slots, " + extra + " extra, " + lost.size()
                + " lost, " + doubled.size() + " doubled";
    }
}
