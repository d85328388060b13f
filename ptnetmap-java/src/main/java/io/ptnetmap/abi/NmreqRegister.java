// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * {@code struct nmreq_register}: body of {@link RequestType#REGISTER}, wishes in, facts out (ABI §5.3).
 *
 * <pre>
 *    0  nr_offset (8, out)        of the netmap_if in the region
 *    8  nr_memsize (8, out)
 *   16  nr_tx_slots (4)           nr_rx_slots (4)
 *   24  nr_tx_rings (2)           nr_rx_rings (2)
 *   28  nr_host_tx_rings (2)      nr_host_rx_rings (2)
 *   32  nr_mem_id (2)             nr_ringid (2, in)      nr_mode (4, in)
 *   40  nr_extra_bufs (4)
 *   48  nr_flags (8, in)
 * </pre>
 */
public final class NmreqRegister {
    public static final int SIZE = 56;

    public static final Field OFFSET = Field.u64(0);
    public static final Field MEMSIZE = Field.u64(8);
    public static final Field TX_SLOTS = Field.u32(16);
    public static final Field RX_SLOTS = Field.u32(20);
    public static final Field TX_RINGS = Field.u16(24);
    public static final Field RX_RINGS = Field.u16(26);
    public static final Field HOST_TX_RINGS = Field.u16(28);
    public static final Field HOST_RX_RINGS = Field.u16(30);
    public static final Field MEM_ID = Field.u16(32);
    public static final Field RINGID = Field.u16(34);
    public static final Field MODE = Field.u32(36);
    public static final Field EXTRA_BUFS = Field.u32(40);
    public static final Field FLAGS = Field.u64(48);

    /** {@code nr_mode}: not a mode; refused. */
    public static final int NR_REG_DEFAULT = 0;
    /** All hardware rings. */
    public static final int NR_REG_ALL_NIC = 1;
    /** All host rings. */
    public static final int NR_REG_SW = 2;
    /** Hardware and host rings. */
    public static final int NR_REG_NIC_SW = 3;
    /** Hardware ring {@code nr_ringid}. */
    public static final int NR_REG_ONE_NIC = 4;
    /** For the legacy API only; names say which end of a pipe is meant. */
    public static final int NR_REG_PIPE_MASTER = 5;

    public static final int NR_REG_PIPE_SLAVE = 6;
    /** A port whose rings never move. */
    public static final int NR_REG_NULL = 7;
    /** Host ring {@code nr_ringid}. */
    public static final int NR_REG_ONE_SW = 8;

    /** {@code nr_flags}: watch what the port transmits. */
    public static final int NR_MONITOR_TX = 0x100;
    /** Watch what it receives. */
    public static final int NR_MONITOR_RX = 0x200;
    /** Watch both, without copying. */
    public static final int NR_ZCOPY_MON = 0x400;
    /** All flags that ask for a monitor. */
    public static final int NR_MONITOR = NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON;
    /** Refuse to share the rings with other descriptors. */
    public static final int NR_EXCLUSIVE = 0x800;
    /** Bind no transmit rings. */
    public static final int NR_RX_RINGS_ONLY = 0x2000;
    /** Bind no receive rings. */
    public static final int NR_TX_RINGS_ONLY = 0x4000;
    /** The program can deal with virtio-net headers before its packets. */
    public static final int NR_ACCEPT_VNET_HDR = 0x8000;
    /** Without effect (ABI §4.3). */
    public static final int NR_DO_RX_POLL = 0x10000;
    /** {@code poll(2)} pushes pending transmissions only when asked for {@code POLLOUT}. */
    public static final int NR_NO_TX_POLL = 0x20000;

    private NmreqRegister() {}
}
