// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.nfv.api.Packet;

/**
 * VXLAN header (RFC 7348 §5); an Ethernet frame follows.
 *
 * <pre>
 *   0       8                        24              32
 *   +-------+------------------------+---------------+  bits
 *   | flags |               reserved                 |
 *   +-------+------------------------+---------------+
 *   |       network identifier       |   reserved    |
 *   +--------------------------------+---------------+
 * </pre>
 */
public final class Vxlan extends HeaderView {
    public static final int FLAGS_OFFSET = 0;
    public static final int VNI_OFFSET = 4;
    /** Bytes of the header. */
    public static final int HEADER_LENGTH = 8;

    /** Destination port of the UDP datagram (IANA). */
    public static final int UDP_PORT = 4789;

    private static final int VNI_VALID = 0x08;

    /** {@inheritDoc} The I flag, "network identifier valid", must be set. */
    @Override
    public boolean wrap(Packet packet, int offset) {
        return place(packet, offset, HEADER_LENGTH) && (u8(FLAGS_OFFSET) & VNI_VALID) != 0;
    }

    /**
     * Makes the 8 bytes at an offset a header.
     *
     * @return false where the packet has not as many bytes
     */
    public boolean init(Packet packet, int offset, int vni) {
        if (!place(packet, offset, HEADER_LENGTH)) {
            return false;
        }
        i64(FLAGS_OFFSET, (long) VNI_VALID << 56 | (vni & 0xff_ffffL) << 8);
        return true;
    }

    @Override
    public int headerLength() {
        return HEADER_LENGTH;
    }

    /** VXLAN network identifier, 0 to 0xffffff. */
    public int vni() {
        return i32(VNI_OFFSET) >>> 8;
    }

    public void vni(int vni) {
        i32(VNI_OFFSET, vni << 8 | i32(VNI_OFFSET) & 0xff);
    }
}
