// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * Limits of netmap's implementation (ABI §17): not part of its headers, but what programs meet. Those of memory pools are
 * in {@link PoolLayout.Limits}.
 */
public final class KernelLimits {
    /** Buffers and their sizes are multiples of this, bytes. */
    public static final int NM_BUF_ALIGN = 64;
    /** Bytes of the largest cluster of a pool. */
    public static final int MAX_CLUSTSIZE = 4 << 20;
    /** Buffers before this one are never handed out. */
    public static final int FIRST_BUFFER = 2;

    /** Pipes per parent port. */
    public static final int NM_MAXPIPES = 64;
    /** Slots of a pipe's ring. */
    public static final int NM_PIPE_MAXSLOTS = 4096;
    /** Rings of a pipe end, per direction. */
    public static final int NM_PIPE_MAXRINGS = 256;
    /** Slots of a monitor's ring. */
    public static final int NM_MONITOR_MAXSLOTS = 4096;

    /** VALE switches per network namespace. */
    public static final int NM_BRIDGES = 8;
    /** Port numbers of a switch; two of them are not usable. */
    public static final int NM_BDG_MAXPORTS = 254;
    /** The destination that means all other ports. */
    public static final int NM_BDG_BROADCAST = NM_BDG_MAXPORTS;
    /** The destination that means a drop; in a {@link NmreqValeList} reply: no such port. */
    public static final int NM_BDG_NOPORT = NM_BDG_MAXPORTS + 1;
    /** Rings of a VALE port, per direction. */
    public static final int NM_BDG_MAXRINGS = 16;
    /** Slots of a VALE port's ring. */
    public static final int NM_BDG_MAXSLOTS = 4096;
    /** Slots of a VALE port's ring where nobody says otherwise. */
    public static final int NM_BRIDGE_RINGSIZE = 1024;
    /** Slots that a switch gathers before it forwards them; one packet more may be under way. */
    public static final int NM_BDG_BATCH = 1024;

    public static final int NM_BDG_BATCH_MAX = NM_BDG_BATCH + NetmapSlot.NETMAP_MAX_FRAGS;
    /** Bytes of the largest frame of a VALE port where nobody says otherwise. */
    public static final int NM_BDG_MFS_DEFAULT = 1514;
    /** Extra buffers of a VALE port at its creation. */
    public static final int VALE_MAX_EXTRA_BUFS = 524_288;
    /** Pipes that a VALE port's private region has room for. */
    public static final int VALE_DEFAULT_PIPES = 2;

    /** Bytes of a virtio-net header, the shorter and the longer form. */
    public static final int VNET_HDR_LEN = 10;

    public static final int VNET_HDR_MRG_RXBUF_LEN = 12;
    /** Bytes of headers that segmentation on a VALE port can deal with. */
    public static final int WORST_CASE_GSO_HEADER = 114;

    /** {@code sleep_us} of the sync loop. */
    public static final int KLOOP_MAX_SLEEP_US = 1_000_000;
    /** How long the sync loop sleeps on eventfds before it looks by itself. */
    public static final int KLOOP_WAIT_MS = 3000;
    /** Rounds without packets after which the sync loop leaves a receive ring. */
    public static final int KLOOP_RX_DRY_CYCLES = 2;
    /** Sync flag inside the kernel: this sync may forward to the host's stack. */
    public static final int NAF_CAN_FORWARD_DOWN = 4;

    /** Bytes of a buffer that an emulated port can receive into, at most. */
    public static final int GENERIC_RX_BUF_MAXSIZE = 32_768;
    /** Likewise of a device whose driver does not say. */
    public static final int DEFAULT_RX_BUF_MAXSIZE = 4096;

    private KernelLimits() {}
}
