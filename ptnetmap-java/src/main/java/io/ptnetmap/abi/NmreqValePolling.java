// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_vale_polling}: body of {@link RequestType#VALE_POLLING_ENABLE} and {@link
 * RequestType#VALE_POLLING_DISABLE} (ABI §5.10).
 *
 * <pre>
 *    0  nr_mode (4)   nr_first_cpu_id (4)   nr_num_polling_cpus (4)   pad (4)
 * </pre>
 */
public final class NmreqValePolling {
    public static final int SIZE = 16;

    public static final Field MODE = Field.u32(0);
    public static final Field FIRST_CPU_ID = Field.u32(4);
    public static final Field NUM_POLLING_CPUS = Field.u32(8);

    /** {@code nr_mode}: one processor polls all receive rings. */
    public static final int NETMAP_POLLING_MODE_SINGLE_CPU = 1;
    /** Processor i polls ring i. */
    public static final int NETMAP_POLLING_MODE_MULTI_CPU = 2;

    private NmreqValePolling() {}
}
