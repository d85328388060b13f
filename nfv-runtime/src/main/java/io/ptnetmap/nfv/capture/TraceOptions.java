// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

/**
 * Which packets are to be followed.
 *
 * @param filter as pcap-filter(7) has it; empty = the next ones
 * @param count of them, from 1 to 10,000
 * @param from the function at which they are looked out for as they come in, or are created; empty = at the chain's ends, and
 *     wherever functions create packets
 */
public record TraceOptions(String filter, int count, String from) {
    private static final int MOST = 10_000;

    public TraceOptions {
        if (count < 1 || count > MOST) {
            throw new IllegalArgumentException("a count of " + count + " packets: it is 1 to " + MOST);
        }
    }

    /** Packets from the chain's ends on. */
    public TraceOptions(String filter, int count) {
        this(filter, count, "");
    }
}
