// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/**
 * An open port that a monitor looks at.
 *
 * @param region where its rings lie
 * @param owner its rings
 * @param end which end of it, of a pipe; 0 for others
 */
record Watched(Region region, SlotOwner owner, int end) {
    /** Sizes of the port. */
    PortShape shape() {
        return owner.shape(end);
    }
}
