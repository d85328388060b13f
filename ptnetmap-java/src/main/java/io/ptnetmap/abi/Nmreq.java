// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq}: the argument of the legacy requests {@link Ioctl#NIOCREGIF} and {@link Ioctl#NIOCGINFO} (ABI §7).
 *
 * <pre>
 *    0  nr_name[16]
 *   16  nr_version (4)    nr_offset (4)     nr_memsize (4)
 *   28  nr_tx_slots (4)   nr_rx_slots (4)   nr_tx_rings (2)   nr_rx_rings (2)
 *   40  nr_ringid (2)     nr_cmd (2)        nr_arg1 (2)       nr_arg2 (2)
 *   48  nr_arg3 (4)       nr_flags (4)
 * </pre>
 */
public final class Nmreq {
    public static final int SIZE = 60;

    public static final Field NAME = Field.text(0, NetmapApi.IFNAMSIZ);
    public static final Field VERSION = Field.u32(16);
    public static final Field OFFSET = Field.u32(20);
    public static final Field MEMSIZE = Field.u32(24);
    public static final Field TX_SLOTS = Field.u32(28);
    public static final Field RX_SLOTS = Field.u32(32);
    public static final Field TX_RINGS = Field.u16(36);
    public static final Field RX_RINGS = Field.u16(38);
    public static final Field RINGID = Field.u16(40);
    public static final Field CMD = Field.u16(42);
    public static final Field ARG1 = Field.u16(44);
    /** The memory id of a bind. */
    public static final Field ARG2 = Field.u16(46);
    /** The extra buffers of a bind. */
    public static final Field ARG3 = Field.u32(48);

    public static final Field FLAGS = Field.u32(52);

    /** {@code nr_ringid}: one hardware ring. */
    public static final int NETMAP_HW_RING = 0x4000;
    /** The host rings. */
    public static final int NETMAP_SW_RING = 0x2000;
    /** The ring's number. */
    public static final int NETMAP_RING_MASK = 0x0fff;
    /** As {@link NmreqRegister#NR_NO_TX_POLL}. */
    public static final int NETMAP_NO_TX_POLL = 0x1000;
    /** As {@link NmreqRegister#NR_DO_RX_POLL}. */
    public static final int NETMAP_DO_RX_POLL = 0x8000;

    /** {@code nr_flags}: the bits that hold the mode, {@code NR_REG_*}. */
    public static final int NR_REG_MASK = 0xf;

    /** {@code nr_cmd}: 0 = bind; these as the {@link RequestType} of like name. */
    public static final int NETMAP_BDG_ATTACH = 1;

    public static final int NETMAP_BDG_DETACH = 2;
    /** Refused since API 12. */
    public static final int NETMAP_BDG_REGOPS = 3;

    public static final int NETMAP_BDG_LIST = 4;
    public static final int NETMAP_BDG_VNET_HDR = 5;
    public static final int NETMAP_BDG_NEWIF = 6;
    public static final int NETMAP_BDG_DELIF = 7;
    /** Removed; refused. */
    public static final int NETMAP_PT_HOST_CREATE = 8;
    /** Removed; refused. */
    public static final int NETMAP_PT_HOST_DELETE = 9;

    public static final int NETMAP_BDG_POLLING_ON = 10;
    public static final int NETMAP_BDG_POLLING_OFF = 11;
    public static final int NETMAP_VNET_HDR_GET = 12;

    /** {@code nr_arg1} of {@link #NETMAP_BDG_ATTACH}: attach the host's stack too. */
    public static final int NETMAP_BDG_HOST = 1;

    private Nmreq() {}
}
