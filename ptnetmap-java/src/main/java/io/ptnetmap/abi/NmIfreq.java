// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nm_ifreq}: the argument of {@link Ioctl#NIOCCONFIG}.
 *
 * <pre>
 *    0  nifr_name[16]
 *   16  data[256]       for whoever set the switch's hook
 * </pre>
 */
public final class NmIfreq {
    public static final int SIZE = 272;

    /** Bytes of {@code data}. */
    public static final int NM_IFRDATA_LEN = 256;

    public static final Field NAME = Field.text(0, NetmapApi.IFNAMSIZ);
    public static final int DATA_OFFSET = 16;

    private NmIfreq() {}
}
