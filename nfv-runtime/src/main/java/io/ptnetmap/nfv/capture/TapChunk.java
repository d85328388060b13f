// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

/**
 * What a part of a chain has captured at a hop since it was asked last, and its counts since the beginning.
 *
 * @param forward packets towards the chain's end, as records of a {@link TapRing}
 * @param backward packets in the reverse direction
 * @param passed packets that have passed, wanted or not
 * @param accepted packets that the filter wanted
 * @param dropped of these, packets for which there was no room
 */
public record TapChunk(byte[] forward, byte[] backward, long passed, long accepted, long dropped) {
    /** Most bytes of each way at once. */
    public static final int MOST_BYTES = 1 << 19;

    /** Nothing at all. */
    public static final TapChunk NONE = new TapChunk(new byte[0], new byte[0], 0, 0, 0);
}
