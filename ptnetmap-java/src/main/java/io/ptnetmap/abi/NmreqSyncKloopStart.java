// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_sync_kloop_start}: body of {@link RequestType#SYNC_KLOOP_START} (ABI §15.3).
 *
 * <pre>
 *    0  sleep_us (4): between rounds, where there are no eventfds to sleep on   pad (4)
 * </pre>
 */
public final class NmreqSyncKloopStart {
    public static final int SIZE = 8;

    public static final Field SLEEP_US = Field.u32(0);

    private NmreqSyncKloopStart() {}
}
