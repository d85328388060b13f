// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static io.ptnetmap.host.WireFormat.ETHERNET_HEADER;
import static io.ptnetmap.host.WireFormat.ETHER_TYPE;
import static io.ptnetmap.host.WireFormat.IPV4;
import static io.ptnetmap.host.WireFormat.IPV6;
import static io.ptnetmap.host.WireFormat.IPV6_HEADER;
import static io.ptnetmap.host.WireFormat.QINQ;
import static io.ptnetmap.host.WireFormat.SCTP_CHECKSUM;
import static io.ptnetmap.host.WireFormat.TAG_SIZE;
import static io.ptnetmap.host.WireFormat.TCP;
import static io.ptnetmap.host.WireFormat.TCP_CHECKSUM;
import static io.ptnetmap.host.WireFormat.UDP;
import static io.ptnetmap.host.WireFormat.UDP_CHECKSUM;
import static io.ptnetmap.host.WireFormat.VLAN;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.memory.OnesComplement;

/**
 * Completes checksums of frames that have never been on a wire. A sender on this machine leaves the checksum of TCP and UDP to
 * the hardware; at the other end of a virtual cable (veth) an XDP socket gets such frames as they are, and is not told.
 *
 * <p>But it shows: the field then holds the sum of the pseudo-header, without its complement. So where it does, it is
 * computed. One frame in 65536 whose checksum was complete looks the same; computing it again does not change it. SCTP leaves 0.
 *
 * <p>Frames may be in several pieces, whose headers are all in the first. For one thread.
 */
final class LocalChecksums {
    private static final int IPV4_HEADER = 20;
    private static final int MORE_FRAGMENTS_AND_OFFSET = 0x3fff;
    private static final int SCTP = 132;
    private static final int MASK = 0xffff;

    private final Segmenter crc = new Segmenter();
    private final long[] addresses;
    private final int[] lengths;

    /** @param most pieces of a frame */
    LocalChecksums(int most) {
        addresses = new long[most];
        lengths = new int[most];
    }

    /** Tells of a piece, in their order from 0. */
    void piece(int number, long address, int length) {
        addresses[number] = address;
        lengths[number] = length;
    }

    /** Completes the checksum of a frame of this many pieces if that is needed. */
    void complete(int pieces) {
        long frame = addresses[0];
        int length = lengths[0];
        if (length < ETHERNET_HEADER + IPV4_HEADER) {
            return;
        }
        int network = ETHERNET_HEADER;
        int type = word(frame + ETHER_TYPE);
        while ((type == VLAN || type == QINQ) && network + TAG_SIZE + IPV4_HEADER <= length) {
            type = word(frame + network + 2);
            network += TAG_SIZE;
        }
        if (type == IPV4) {
            ipv4(frame, network, length, pieces);
        } else if (type == IPV6 && network + IPV6_HEADER <= length) {
            ipv6(frame, network, length, pieces);
        }
    }

    private void ipv4(long frame, int network, int length, int pieces) {
        int header = (Memory.getByte(frame + network) & 0xf) << 2;
        int bytes = word(frame + network + 2) - header;
        if (header >= IPV4_HEADER && (word(frame + network + 6) & MORE_FRAGMENTS_AND_OFFSET) == 0) {
            int addressSum = OnesComplement.sum(frame + network + 12, 8);
            transport(
                    frame,
                    network + header,
                    length,
                    pieces,
                    Memory.getByte(frame + network + 9) & 0xff,
                    bytes,
                    addressSum);
        }
    }

    private void ipv6(long frame, int network, int length, int pieces) {
        int next = Memory.getByte(frame + network + 6) & 0xff;
        int at = network + IPV6_HEADER;
        int end = at + word(frame + network + 4);
        // Hop-by-hop, routing and destination options: type of the next header, length in 8 bytes without the first.
        while ((next == 0 || next == 43 || next == 60) && at + 8 <= length) {
            next = Memory.getByte(frame + at) & 0xff;
            at += 8 + 8 * (Memory.getByte(frame + at + 1) & 0xff);
        }
        transport(frame, at, length, pieces, next, end - at, OnesComplement.sum(frame + network + 8, 32));
    }

    private void transport(long frame, int at, int length, int pieces, int protocol, int bytes, int addressSum) {
        int field = protocol == TCP ? TCP_CHECKSUM : protocol == UDP ? UDP_CHECKSUM : SCTP_CHECKSUM;
        if (at + field + 4 > length || bytes < field + 2) {
            return;
        }
        if (protocol == SCTP) {
            if (pieces == 1 && at + bytes <= length && Memory.getInt(frame + at + field) == 0) {
                crc.completeChecksum(frame, at + bytes, at, field);
            }
        } else if (protocol == TCP || protocol == UDP) {
            int pseudo = OnesComplement.fold((long) addressSum + protocol + bytes);
            if (word(frame + at + field) == pseudo && available(at, pieces) >= bytes) {
                int checksum = ~sum(at, bytes) & MASK;
                // 0 means "none" to UDP (RFC 768).
                boolean otherZero = checksum == 0 && protocol == UDP;
                Memory.putShortBigEndian(frame + at + field, (short) (otherZero ? MASK : checksum));
            }
        }
    }

    private int available(int at, int pieces) {
        int bytes = -at;
        for (int i = 0; i < pieces; i++) {
            bytes += lengths[i];
        }
        return bytes;
    }

    /** The sum of the frame's bytes from {@code at} on. A piece that begins at an odd place has its bytes swapped. */
    private int sum(int at, int bytes) {
        long sum = 0;
        int left = bytes;
        boolean odd = false;
        for (int i = 0, skip = at; left > 0; i++, skip = 0) {
            int part = Math.min(left, lengths[i] - skip);
            int some = OnesComplement.sum(addresses[i] + skip, part);
            sum += odd ? Short.reverseBytes((short) some) & MASK : some;
            odd ^= (part & 1) != 0;
            left -= part;
        }
        return OnesComplement.fold(sum);
    }

    private static int word(long address) {
        return Memory.getShortBigEndian(address) & MASK;
    }
}
