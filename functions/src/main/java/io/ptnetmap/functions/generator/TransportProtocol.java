// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Tcp;
import io.ptnetmap.nfv.api.packet.Udp;

/** Transport protocol of generated packets. */
public enum TransportProtocol {
    /** UDP. */
    UDP(IpProtocol.UDP, Udp.HEADER_LENGTH, Udp.CHECKSUM_OFFSET),
    /** TCP segments with the flags PSH and ACK, outside any connection. */
    TCP(IpProtocol.TCP, Tcp.MIN_HEADER_LENGTH, Tcp.CHECKSUM_OFFSET);

    private final int number;
    private final int headerLength;
    private final int checksumOffset;

    TransportProtocol(int number, int headerLength, int checksumOffset) {
        this.number = number;
        this.headerLength = headerLength;
        this.checksumOffset = checksumOffset;
    }

    int number() {
        return number;
    }

    int headerLength() {
        return headerLength;
    }

    int checksumOffset() {
        return checksumOffset;
    }
}
