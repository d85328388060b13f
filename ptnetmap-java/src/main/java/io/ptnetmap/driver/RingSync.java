// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/** {@code NIOCTXSYNC} or {@code NIOCRXSYNC} of one ring (ABI §3.2). By one thread at a time. */
public interface RingSync {
    /** Instead of {@code tail}: the ring's header is to be read anew, {@code head} included. */
    int LOOK = -1;

    /**
     * Hands slots up to {@code head} to the port and updates {@code tail}.
     *
     * @return the new {@code tail}; {@link #LOOK} where {@code head} or {@code cur} was out of its window and the ring has
     *     been put right (ABI §3.4), or may have been
     */
    int sync();
}
