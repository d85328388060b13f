// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * PCI identities and register offsets of netmap's own passthrough devices: {@code ptnetmap-memdev}, which shows a region
 * to a guest, and the {@code ptnet} network device.
 */
public final class Ptnetmap {
    public static final String PTNETMAP_MEMDEV_NAME = "ptnetmap-memdev";

    public static final int PTNETMAP_PCI_VENDOR_ID = 0x1b36;
    /** Of {@code ptnetmap-memdev}. */
    public static final int PTNETMAP_PCI_DEVICE_ID = 0x000c;
    /** Of {@code ptnet}. */
    public static final int PTNETMAP_PCI_NETIF_ID = 0x000d;

    public static final int PTNETMAP_IO_PCI_BAR = 0;
    /** Of {@code ptnetmap-memdev}: the region. */
    public static final int PTNETMAP_MEM_PCI_BAR = 1;

    public static final int PTNETMAP_MSIX_PCI_BAR = 2;

    // Registers of ptnetmap-memdev: what struct nmreq_pools_info says.
    public static final int PTNET_MDEV_IO_MEMSIZE_LO = 0;
    public static final int PTNET_MDEV_IO_MEMSIZE_HI = 4;
    public static final int PTNET_MDEV_IO_MEMID = 8;
    public static final int PTNET_MDEV_IO_IF_POOL_OFS = 64;
    public static final int PTNET_MDEV_IO_IF_POOL_OBJNUM = 68;
    public static final int PTNET_MDEV_IO_IF_POOL_OBJSZ = 72;
    public static final int PTNET_MDEV_IO_RING_POOL_OFS = 76;
    public static final int PTNET_MDEV_IO_RING_POOL_OBJNUM = 80;
    public static final int PTNET_MDEV_IO_RING_POOL_OBJSZ = 84;
    public static final int PTNET_MDEV_IO_BUF_POOL_OFS = 88;
    public static final int PTNET_MDEV_IO_BUF_POOL_OBJNUM = 92;
    public static final int PTNET_MDEV_IO_BUF_POOL_OBJSZ = 96;
    public static final int PTNET_MDEV_IO_END = 100;

    // Registers of ptnet.
    public static final int PTNET_IO_PTFEAT = 0;
    public static final int PTNET_IO_PTCTL = 4;
    public static final int PTNET_IO_MAC_LO = 8;
    public static final int PTNET_IO_MAC_HI = 12;
    /** Of the first version, not used any more; likewise {@link #PTNET_IO_CSBBAL}. */
    public static final int PTNET_IO_CSBBAH = 16;

    public static final int PTNET_IO_CSBBAL = 20;
    public static final int PTNET_IO_NIFP_OFS = 24;
    public static final int PTNET_IO_NUM_TX_RINGS = 28;
    public static final int PTNET_IO_NUM_RX_RINGS = 32;
    public static final int PTNET_IO_NUM_TX_SLOTS = 36;
    public static final int PTNET_IO_NUM_RX_SLOTS = 40;
    public static final int PTNET_IO_VNET_HDR_LEN = 44;
    public static final int PTNET_IO_HOSTMEMID = 48;
    /** Guest to host CSB array, high half of its address; the low half and the other array follow. */
    public static final int PTNET_IO_CSB_GH_BAH = 52;

    public static final int PTNET_IO_CSB_GH_BAL = 56;
    public static final int PTNET_IO_CSB_HG_BAH = 60;
    public static final int PTNET_IO_CSB_HG_BAL = 64;
    public static final int PTNET_IO_END = 68;
    /** Kick registers, 4 bytes per ring, transmit rings first. */
    public static final int PTNET_IO_KICK_BASE = 128;

    public static final int PTNET_IO_MASK = 0xff;

    /** {@link #PTNET_IO_PTFEAT}: virtio-net headers before packets. */
    public static final int PTNETMAP_F_VNET_HDR = 1;
    /** {@link #PTNET_IO_PTCTL}: start and end passthrough. */
    public static final int PTNETMAP_PTCTL_CREATE = 1;

    public static final int PTNETMAP_PTCTL_DELETE = 2;

    private Ptnetmap() {}
}
