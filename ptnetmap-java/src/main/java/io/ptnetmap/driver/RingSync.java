// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/** {@code NIOCTXSYNC} or {@code NIOCRXSYNC} of one ring (ABI §3.2). By one thread at a time. */
public interface RingSync {
    /**
     * Hands slots up to {@code head} to the port and updates {@code tail}.
     *
     * @return false where {@code head} or {@code cur} was out of its window and the ring was put right (ABI §3.4)
     */
    boolean sync();
}
