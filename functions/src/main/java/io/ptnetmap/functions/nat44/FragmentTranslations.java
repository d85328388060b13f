// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.flow.FlowScan;
import io.ptnetmap.nfv.api.flow.FlowTable;
import io.ptnetmap.nfv.api.packet.Headers;
import java.time.Duration;
import java.util.List;

/**
 * Remembers how a datagram's first fragment was translated, as later ones have no ports. Where there is no room, later
 * fragments are dropped as unknown. Single-threaded.
 */
final class FragmentTranslations {
    /** Returned where nothing is known. */
    static final int NONE = -1;

    /** Instead of a MAC address: the datagram goes straight on. */
    static final long NO_HAIRPIN = -1;

    /** In rows, of a datagram. */
    static final int WORDS = 3;

    private static final int EXPIRE_LIMIT = 1024;

    private final FlowTable datagrams;
    private final int[] sources;
    private final int[] destinations;
    private final long[] hairpinMacs;
    private final FlowKey first = new FlowKey();
    private final FlowKey later = new FlowKey();

    FragmentTranslations(int capacity, Duration timeout) {
        datagrams = new FlowTable(capacity, List.of(timeout));
        sources = new int[capacity];
        destinations = new int[capacity];
        hairpinMacs = new long[capacity];
    }

    /** Takes a first fragment's identity before it is translated. */
    void before(Headers headers) {
        first.fillFragment(headers);
    }

    /**
     * Notes how the fragment of the last {@link #before} was translated.
     *
     * @param headers as they are now
     * @param hairpinMac the destination if it is turned round, else {@link #NO_HAIRPIN}
     */
    void after(Headers headers, long hairpinMac, long nowNanos) {
        int datagram = datagrams.insert(first, nowNanos, 0);
        if (datagram != NONE) {
            sources[datagram] = headers.sourceIpv4();
            destinations[datagram] = headers.destinationIpv4();
            hairpinMacs[datagram] = hairpinMac;
            datagrams.touch(datagram, nowNanos);
        }
    }

    /** The datagram that a later fragment belongs to, or {@link #NONE}. */
    int find(Headers headers) {
        return datagrams.lookup(later.fillFragment(headers));
    }

    /** Source address of a datagram after translation. */
    int source(int datagram) {
        return sources[datagram];
    }

    /** Destination address of a datagram after translation. */
    int destination(int datagram) {
        return destinations[datagram];
    }

    /** Destination MAC address of a datagram that is turned round, or {@link #NO_HAIRPIN}. */
    long hairpinMac(int datagram) {
        return hairpinMacs[datagram];
    }

    /** What is remembered. */
    FlowRows rows() {
        return FlowRows.of(datagrams, WORDS, this::fill);
    }

    /** Takes down what is remembered. */
    FlowScan scan(long nowNanos) {
        return new FlowScan(datagrams, WORDS, this::fill, nowNanos);
    }

    private void fill(FlowRows rows, int row, int entry) {
        rows.word(row, 0, sources[entry]);
        rows.word(row, 1, destinations[entry]);
        rows.word(row, 2, hairpinMacs[entry]);
    }

    /** Remembers what others have and is not over; as much of it as there is room for. */
    void restore(FlowRows rows, long nowNanos) {
        for (int row = rows.size() - 1; row >= 0; row--) {
            int entry = rows.isCurrent(datagrams, row, nowNanos) ? rows.insertInto(datagrams, row) : NONE;
            if (entry != NONE) {
                sources[entry] = (int) rows.word(row, 0);
                destinations[entry] = (int) rows.word(row, 1);
                hairpinMacs[entry] = rows.word(row, 2);
            }
        }
    }

    /** Forgets datagrams that are complete or lost by now. */
    void expire(long nowNanos) {
        datagrams.expire(nowNanos, EXPIRE_LIMIT, expired -> {});
    }
}
