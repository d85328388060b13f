// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/** {@code NETMAP_REQ_OPT_*}: the options that a request may carry, and the size of each (ABI §6). */
public enum OptionType {
    /** Memory of the caller as the region; {@link NmreqOptExtmem}. */
    EXTMEM(1, NmreqOptExtmem.SIZE),
    /** Eventfds of the sync loop, as many as {@code nro_size} says; {@link NmreqOptSyncKloopEventfds}. */
    SYNC_KLOOP_EVENTFDS(2, NmreqOptSyncKloopEventfds.SIZE),
    /** Where the CSB blocks are; {@link NmreqOptCsb}. */
    CSB(3, NmreqOptCsb.SIZE),
    /** Direct modes of the sync loop; {@link NmreqOptSyncKloopMode}. */
    SYNC_KLOOP_MODE(4, NmreqOptSyncKloopMode.SIZE),
    /** Packets that do not begin at the start of their buffer; {@link NmreqOptOffsets}. */
    OFFSETS(5, NmreqOptOffsets.SIZE);

    /** {@code NETMAP_REQ_OPT_MAX}: the first number that is no option. */
    public static final int MAX = 6;

    private final int number;
    private final int size;

    OptionType(int number, int size) {
        this.number = number;
        this.size = size;
    }

    /** The value of {@code nro_reqtype}. */
    public int number() {
        return number;
    }

    /** Bytes of the option with its header; for {@link #SYNC_KLOOP_EVENTFDS} without a single pair of eventfds. */
    public int size() {
        return size;
    }

    /** Bytes that netmap reads after the header, given {@code nro_size}, which only counts where the size varies. */
    public long bodySize(long nroSize) {
        long total = this == SYNC_KLOOP_EVENTFDS ? Math.max(nroSize, size) : size;
        return total - NmreqOption.SIZE;
    }
}
