// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.ValeHash;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which port of a switch a station was last heard on (ABI §10.3): {@value ValeHash#BUCKETS} buckets of one entry, found by {@linkplain
 * ValeHash netmap's hash}, overwritten on collision. Unlike netmap's, entries {@linkplain #AGEING_SECONDS age}, and go with their port.
 *
 * <p>A station's address is the 48 bits of its first byte in the lowest eight, as a little-endian load has them.
 *
 * <p>Used by all threads that forward, without a lock. The two words of an entry are not written together; what a reader can
 * make of that is an age that is another entry's.
 */
final class ForwardingTable {
    /** What IEEE 802.1D recommends. */
    static final int AGEING_SECONDS = 300;

    static final int UNKNOWN = -1;

    private static final int PORT_BITS = 8;
    private static final int PORT_MASK = (1 << PORT_BITS) - 1;

    /** Station, and above all 0 the port's number plus 1; 0 = empty. */
    private final AtomicLongArray stations = new AtomicLongArray(ValeHash.BUCKETS);

    /** When it was last heard, seconds. */
    private final AtomicIntegerArray heard = new AtomicIntegerArray(ValeHash.BUCKETS);

    /** The port of a station, or {@link #UNKNOWN}. */
    int port(int bucket, long station, int now) {
        long entry = stations.getOpaque(bucket);
        if (entry >>> PORT_BITS != station || entry == 0 || now - heard.getOpaque(bucket) > AGEING_SECONDS) {
            return UNKNOWN;
        }
        return ((int) entry & PORT_MASK) - 1;
    }

    /** Notes that a station was heard on a port. */
    void learn(int bucket, long station, int port, int now) {
        long entry = station << PORT_BITS | port + 1;
        // Mostly it is known already, and the line stays shared among the processors.
        if (heard.getOpaque(bucket) != now) {
            heard.setOpaque(bucket, now);
        }
        if (stations.getOpaque(bucket) != entry) {
            stations.setOpaque(bucket, entry);
        }
    }

    /** Forgets the stations of a port, on which nothing is heard any more. */
    void purge(int port) {
        for (int bucket = 0; bucket < ValeHash.BUCKETS; bucket++) {
            long entry = stations.getOpaque(bucket);
            if (((int) entry & PORT_MASK) == port + 1) {
                stations.compareAndSet(bucket, entry, 0);
            }
        }
    }
}
