// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import io.ptnetmap.memory.Memory;

/**
 * {@code struct netmap_if}: what a bound descriptor sees of its port, and the table of its rings (ABI §2.2).
 *
 * <pre>
 *    0  ni_name[16]
 *   16  ni_version (4)          ni_flags (4)
 *   24  ni_tx_rings (4)         ni_rx_rings (4)
 *   32  ni_bufs_head (4, user)  ni_host_tx_rings (4)   ni_host_rx_rings (4)
 *   56  ring_ofs[]              8 bytes each: tx, host tx, rx, host rx; from this netmap_if; 0 = not bound
 * </pre>
 *
 * All methods take the structure's address and check nothing.
 */
public final class NetmapIf {
    /** Bytes before the ring table. */
    public static final int SIZE = 56;

    public static final int NAME_OFFSET = 0;
    public static final int NAME_SIZE = 16;
    public static final int VERSION_OFFSET = 16;
    public static final int FLAGS_OFFSET = 20;
    public static final int TX_RINGS_OFFSET = 24;
    public static final int RX_RINGS_OFFSET = 28;
    public static final int BUFS_HEAD_OFFSET = 32;
    public static final int HOST_TX_RINGS_OFFSET = 36;
    public static final int HOST_RX_RINGS_OFFSET = 40;
    public static final int RING_OFS_OFFSET = 56;

    /** {@code ni_flags}: the port's region is private. */
    public static final int NI_PRIV_MEM = 0x1;

    private static final Field NAME = Field.text(NAME_OFFSET, NAME_SIZE);

    private NetmapIf() {}

    public static String name(long netmapIf) {
        return NAME.readText(netmapIf);
    }

    /** Writes a name, truncated to 15 bytes and NUL-terminated. */
    public static void name(long netmapIf, String name) {
        NAME.writeText(netmapIf, name);
    }

    public static int flags(long netmapIf) {
        return Memory.getInt(netmapIf + FLAGS_OFFSET);
    }

    public static void flags(long netmapIf, int value) {
        Memory.putInt(netmapIf + FLAGS_OFFSET, value);
    }

    public static int txRings(long netmapIf) {
        return Memory.getInt(netmapIf + TX_RINGS_OFFSET);
    }

    public static void txRings(long netmapIf, int value) {
        Memory.putInt(netmapIf + TX_RINGS_OFFSET, value);
    }

    public static int rxRings(long netmapIf) {
        return Memory.getInt(netmapIf + RX_RINGS_OFFSET);
    }

    public static void rxRings(long netmapIf, int value) {
        Memory.putInt(netmapIf + RX_RINGS_OFFSET, value);
    }

    /** First index of the list of extra buffers, 0 = empty (ABI §2.7). */
    public static int bufsHead(long netmapIf) {
        return Memory.getInt(netmapIf + BUFS_HEAD_OFFSET);
    }

    public static void bufsHead(long netmapIf, int value) {
        Memory.putInt(netmapIf + BUFS_HEAD_OFFSET, value);
    }

    /** Entries of the table for host transmit rings: at least 1, even where the port has no host rings. */
    public static int hostTxRings(long netmapIf) {
        return Memory.getInt(netmapIf + HOST_TX_RINGS_OFFSET);
    }

    public static void hostTxRings(long netmapIf, int value) {
        Memory.putInt(netmapIf + HOST_TX_RINGS_OFFSET, value);
    }

    public static int hostRxRings(long netmapIf) {
        return Memory.getInt(netmapIf + HOST_RX_RINGS_OFFSET);
    }

    public static void hostRxRings(long netmapIf, int value) {
        Memory.putInt(netmapIf + HOST_RX_RINGS_OFFSET, value);
    }

    /** Offset from this structure to a ring, by its place in the table; 0 = not bound. */
    public static long ringOfs(long netmapIf, int tableIndex) {
        return Memory.getLong(netmapIf + RING_OFS_OFFSET + 8L * tableIndex);
    }

    public static void ringOfs(long netmapIf, int tableIndex, long value) {
        Memory.putLong(netmapIf + RING_OFS_OFFSET + 8L * tableIndex, value);
    }

    /** Place in the table of transmit ring {@code ring}; host rings follow the hardware ones. */
    public static int txTableIndex(int ring) {
        return ring;
    }

    /** Place in the table of receive ring {@code ring} of a port with these counts. */
    public static int rxTableIndex(int ring, int txRings, int hostTxRings) {
        return txRings + hostTxRings + ring;
    }

    /** Bytes of the structure with its table. */
    public static long size(int txRings, int hostTxRings, int rxRings, int hostRxRings) {
        return SIZE + 8L * (txRings + hostTxRings + rxRings + hostRxRings);
    }
}
