// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

/**
 * What a sender sends, one frame after the other, in native memory. Allocates nothing per frame. For one thread.
 */
interface Frames extends AutoCloseable {
    /** Prepares the next frame, and returns its length in bytes. */
    int next();

    /** Where it is. Readable up to the next multiple of 64 bytes. */
    long address();

    /** Longest frame. */
    int longest();

    @Override
    void close();
}
