// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import io.ptnetmap.capture.CaptureReader;

/**
 * What is to be captured of the packets that pass a hop.
 *
 * @param filter which packets, as pcap-filter(7) has it; empty = all
 * @param snaplen most bytes of each packet, up to {@link CaptureReader#MAX_PACKET_LENGTH}
 * @param count packets after which the capture ends; 0 = it ends when it is closed
 * @param ringBytes memory in which packets wait for their reader, a power of two from 64 KiB to 1 GiB, for each direction; what does
 *     not fit is not captured, and counted
 */
public record TapOptions(String filter, int snaplen, long count, int ringBytes) {
    private static final int LEAST_RING = 1 << 16;
    private static final int LARGEST_RING = 1 << 30;
    private static final int DEFAULT_RING = 1 << 22;

    /** All of every packet, until it is closed. */
    public static final TapOptions ALL = new TapOptions("", CaptureReader.MAX_PACKET_LENGTH, 0, DEFAULT_RING);

    public TapOptions {
        if (snaplen < 1 || snaplen > CaptureReader.MAX_PACKET_LENGTH) {
            throw new IllegalArgumentException(
                    "a snap length of " + snaplen + ": it is 1 to " + CaptureReader.MAX_PACKET_LENGTH);
        }
        if (count < 0) {
            throw new IllegalArgumentException("a count of " + count + " packets: it is 1 or more, or 0 for no limit");
        }
        if (ringBytes < LEAST_RING || ringBytes > LARGEST_RING || Integer.bitCount(ringBytes) != 1) {
            throw new IllegalArgumentException("a ring of " + ringBytes + " bytes: it is a power of two from "
                    + LEAST_RING + " to " + LARGEST_RING);
        }
    }

    /** The same for other packets. */
    public TapOptions withFilter(String expression) {
        return new TapOptions(expression, snaplen, count, ringBytes);
    }

    /** The same up to a number of packets. */
    public TapOptions withCount(long packets) {
        return new TapOptions(filter, snaplen, packets, ringBytes);
    }

    /** The same with so many bytes of each packet. */
    public TapOptions withSnaplen(int bytes) {
        return new TapOptions(filter, bytes, count, ringBytes);
    }

    /** The same with a ring of another size. */
    public TapOptions withRing(int bytes) {
        return new TapOptions(filter, snaplen, count, bytes);
    }
}
