// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_opt_sync_kloop_eventfds}: what the sync loop and its user wake each other with, one pair per bound
 * ring, transmit rings first (ABI §15.3).
 *
 * <pre>
 *    0  nro_opt           a {@link NmreqOption} whose nro_size counts the pairs
 *   24  eventfds[]        8 bytes each:  ioeventfd (4)   irqfd (4); -1 = none
 * </pre>
 */
public final class NmreqOptSyncKloopEventfds {
    /** Bytes before the first pair. */
    public static final int SIZE = 24;

    public static final int OPT_OFFSET = 0;
    public static final int EVENTFDS_OFFSET = 24;

    private static final int PAIR = 8;
    private static final int IRQFD = 4;

    private NmreqOptSyncKloopEventfds() {}

    /** Bytes of the option for this many rings. */
    public static int size(int rings) {
        return SIZE + PAIR * rings;
    }

    /** Writes the option's header for this many rings; the pairs follow by {@link #pair}. */
    public static void write(long option, long next, int rings) {
        NmreqOption.write(option, OptionType.SYNC_KLOOP_EVENTFDS, next);
        NmreqOption.NRO_SIZE.write(option, size(rings));
    }

    /** Writes the pair of ring {@code ring}: who writes {@code ioeventfd} wakes the loop, the loop writes {@code irqfd}. */
    public static void pair(long option, int ring, int ioeventfd, int irqfd) {
        Field.u32(EVENTFDS_OFFSET + PAIR * ring).write(option, ioeventfd);
        Field.u32(EVENTFDS_OFFSET + PAIR * ring + IRQFD).write(option, irqfd);
    }
}
