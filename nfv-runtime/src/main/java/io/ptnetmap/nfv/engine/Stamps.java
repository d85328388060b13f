// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

/**
 * The stamps of a link, as one of its ends sees them.
 *
 * @param out of what is sent here
 * @param in of what is received here
 */
record Stamps(StampQueue out, StampQueue in) {
    /**
     * Of a link with both ends in this process, as the left one sees them.
     *
     * @param places in either direction, as for {@link StampQueue}
     */
    static Stamps here(long places) {
        return new Stamps(StampQueue.here(places), StampQueue.here(places));
    }

    /** The same as the other end sees them. */
    Stamps opposite() {
        return new Stamps(in, out);
    }
}
