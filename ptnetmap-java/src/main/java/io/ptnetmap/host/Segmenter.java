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

import io.ptnetmap.linux.PacketSocket;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.memory.OnesComplement;
import java.util.zip.CRC32C;

/**
 * Does what the kernel leaves to the hardware: cuts a TCP or UDP packet that is longer than the wire's into such ones, and
 * completes checksums.
 *
 * <p>Cutting is in place. The payload stays where it is; the headers are written again in front of each piece, over the piece
 * before, which has been used by then:
 *
 * <pre>
 *   [headers][piece 0 ][piece 1 ][piece 2 ]       first frame
 *    . . . . .[headers][piece 1 ][piece 2 ]       second frame
 * </pre>
 *
 * <p>For one thread; allocates nothing after its first SCTP packet.
 */
final class Segmenter {
    private static final int UDP_HEADER = 8;
    private static final int UDP_LENGTH = 4;
    private static final int TCP_SEQUENCE = 4;
    private static final int TCP_DATA_OFFSET = 12;
    private static final int TCP_FLAGS = 13;
    private static final int FIN = 0x01;
    private static final int PSH = 0x08;
    private static final int CWR = 0x80;

    private long frame;
    private int length;
    /** Payload bytes after this frame's. */
    private int left;

    private int pieceSize;
    private int headers;
    private int l3;
    private int transport;
    private boolean ipv4;
    private boolean tcp;
    private int tcpFlags;

    private CRC32C crc;
    private byte[] crcInput;

    /** Begins with a frame that stays whole. */
    void whole(long address, int bytes) {
        frame = address;
        length = bytes;
        left = 0;
    }

    /**
     * Begins to cut.
     *
     * @param address of the frame, whose memory is written
     * @param bytes of the frame
     * @param gsoType {@code VIRTIO_NET_HDR_GSO_*}
     * @param gsoSize payload bytes of each piece but the last
     * @param transportOffset of the TCP or UDP header from the start of the frame
     * @return false if it cannot be done: an unknown type, malformed headers, or headers between the first IP header and the
     *     transport's that would have to be rewritten as well (tunnels)
     */
    boolean cut(long address, int bytes, int gsoType, int gsoSize, int transportOffset) {
        frame = address;
        tcp = gsoType == PacketSocket.GSO_TCPV4 || gsoType == PacketSocket.GSO_TCPV6;
        transport = transportOffset;
        if (!tcp && gsoType != PacketSocket.GSO_UDP_L4 || gsoSize == 0 || !findNetworkHeader(bytes)) {
            return false;
        }
        headers = transport + (tcp ? (Memory.getByte(address + transport + TCP_DATA_OFFSET) & 0xf0) >>> 2 : UDP_HEADER);
        if (headers > bytes) {
            return false;
        }
        pieceSize = gsoSize;
        left = bytes - headers;
        tcpFlags = tcp ? Memory.getByte(address + transport + TCP_FLAGS) & 0xff : 0;
        takePiece();
        return true;
    }

    /** Finds the IP header, and checks that the transport's comes next. */
    private boolean findNetworkHeader(int bytes) {
        l3 = ETHERNET_HEADER;
        int type = word(ETHER_TYPE);
        while ((type == VLAN || type == QINQ) && l3 + TAG_SIZE < bytes) {
            type = word(l3 + 2);
            l3 += TAG_SIZE;
        }
        ipv4 = type == IPV4;
        int minimum = tcp ? TCP_CHECKSUM + 4 : UDP_HEADER;
        if (!ipv4 && type != IPV6 || transport + minimum > bytes) {
            return false;
        }
        int protocol = tcp ? TCP : UDP;
        return ipv4
                ? l3 + ((Memory.getByte(frame + l3) & 0xf) << 2) == transport && byteAt(l3 + 9) == protocol
                : endsIpv6Extensions(protocol);
    }

    private boolean endsIpv6Extensions(int protocol) {
        int next = byteAt(l3 + 6);
        int at = l3 + IPV6_HEADER;
        // Hop-by-hop, routing and destination options: type of the next header, length in 8 bytes without the first.
        while (at < transport && (next == 0 || next == 43 || next == 60)) {
            next = byteAt(at);
            at += 8 + 8 * byteAt(at + 1);
        }
        return at == transport && next == protocol;
    }

    long address() {
        return frame;
    }

    /** Bytes of the current frame. */
    int length() {
        return length;
    }

    /** Goes on to the next frame; the one before is lost. False after the last one. */
    boolean next() {
        if (left == 0) {
            return false;
        }
        int sequence = tcp ? Memory.getIntBigEndian(frame + transport + TCP_SEQUENCE) : 0;
        Memory.copy(frame, frame + pieceSize, headers);
        frame += pieceSize;
        if (tcp) {
            Memory.putIntBigEndian(frame + transport + TCP_SEQUENCE, sequence + pieceSize);
            // Congestion window reduced: said once (RFC 3168 §6.1.2).
            tcpFlags &= ~CWR;
        }
        if (ipv4) {
            putWord(l3 + 4, word(l3 + 4) + 1);
        }
        takePiece();
        return true;
    }

    private void takePiece() {
        int piece = Math.min(left, pieceSize);
        left -= piece;
        length = headers + piece;
        if (ipv4) {
            putWord(l3 + 2, length - l3);
            putWord(l3 + 10, 0);
            putWord(l3 + 10, ~OnesComplement.sum(frame + l3, (byteAt(l3) & 0xf) << 2));
        } else {
            putWord(l3 + 4, length - l3 - IPV6_HEADER);
        }
        if (tcp) {
            // Ends and pushes only with the last piece.
            int flags = left == 0 ? tcpFlags : tcpFlags & ~(FIN | PSH);
            Memory.putByte(frame + transport + TCP_FLAGS, (byte) flags);
            fillTransportChecksum(TCP, TCP_CHECKSUM);
        } else {
            putWord(transport + UDP_LENGTH, length - transport);
            fillTransportChecksum(UDP, UDP_CHECKSUM);
        }
    }

    private void fillTransportChecksum(int protocol, int field) {
        int bytes = length - transport;
        int addresses = ipv4 ? OnesComplement.sum(frame + l3 + 12, 8) : OnesComplement.sum(frame + l3 + 8, 32);
        putWord(transport + field, OnesComplement.fold((long) addresses + protocol + bytes));
        completeChecksum(frame, length, transport, field);
    }

    /**
     * Completes a checksum whose field holds the pseudo-header's sum. Does nothing where the field is not in the frame.
     *
     * @param address of the frame
     * @param bytes of the frame
     * @param start first byte under the checksum; it reaches to the end of the frame
     * @param field offset of the checksum from {@code start}
     */
    void completeChecksum(long address, int bytes, int start, int field) {
        if (start + field + 2 > bytes) {
            return;
        }
        if (field == SCTP_CHECKSUM) {
            completeCrc(address + start, bytes - start);
            return;
        }
        int checksum = ~OnesComplement.sum(address + start, bytes - start) & 0xffff;
        // 0 means "none" to UDP, which sends the other zero instead (RFC 768). To all others that would be the wrong
        // one.
        boolean otherZero = checksum == 0 && field == UDP_CHECKSUM;
        Memory.putShortBigEndian(address + start + field, (short) (otherZero ? 0xffff : checksum));
    }

    /** SCTP's checksum, in the byte order that RFC 9260 appendix A gives it. */
    private void completeCrc(long packet, int bytes) {
        if (bytes < SCTP_CHECKSUM + Integer.BYTES) {
            return;
        }
        if (crc == null) {
            crc = new CRC32C();
            crcInput = new byte[1 << 16];
        }
        Memory.putInt(packet + SCTP_CHECKSUM, 0);
        Memory.copy(packet, crcInput, 0, bytes);
        crc.reset();
        crc.update(crcInput, 0, bytes);
        Memory.putInt(packet + SCTP_CHECKSUM, (int) crc.getValue());
    }

    private int byteAt(int offset) {
        return Memory.getByte(frame + offset) & 0xff;
    }

    private int word(int offset) {
        return Memory.getShortBigEndian(frame + offset) & 0xffff;
    }

    private void putWord(int offset, int value) {
        Memory.putShortBigEndian(frame + offset, (short) value);
    }
}
