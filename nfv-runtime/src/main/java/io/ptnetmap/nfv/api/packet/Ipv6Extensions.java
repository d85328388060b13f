// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;

/**
 * Walks the extension headers of an IPv6 packet (RFC 8200 §4): hop-by-hop options, routing, fragment, destination options,
 * and AH (RFC 4302). ESP hides what follows and counts as the upper-layer protocol. Single-threaded.
 */
public final class Ipv6Extensions {
    /** Most headers that are walked; RFC 8200 recommends at most one or two of each kind. */
    public static final int MAX_HEADERS = 8;

    private static final int FRAGMENT_HEADER_LENGTH = 8;
    private static final int ROUTING_SEGMENTS_LEFT_OFFSET = 3;
    private static final int FRAGMENT_IDENTIFICATION_OFFSET = 4;
    private static final int MORE_FRAGMENTS = 1;
    private static final int FRAGMENT_OFFSET_MASK = 0xfff8;

    private int protocol;
    private int offset;
    private int fragmentWord;
    private int identification;
    private boolean routed;

    /**
     * Walks the headers behind an IPv6 header.
     *
     * @param ip a view that was wrapped on this packet
     * @return {@link Defect#NONE}, or why the walk ended early; the other methods are then undefined
     */
    public Defect walk(Packet packet, Ipv6 ip) {
        int packetEnd = ip.payloadOffset() + ip.payloadLength();
        return walk(packet.address(), ip.payloadOffset(), ip.nextHeader(), packetEnd, packet.length());
    }

    /**
     * The walk itself.
     *
     * @param base address of the packet
     * @param start where the first header begins
     * @param ipEnd where the IP packet ends
     * @param readable where the readable bytes end
     */
    Defect walk(long base, int start, int first, int ipEnd, int readable) {
        int limit = Math.min(ipEnd, readable);
        int next = first;
        offset = start;
        fragmentWord = 0;
        identification = 0;
        routed = false;
        for (int headers = 0; headers <= MAX_HEADERS; headers++) {
            if (!isExtension(next)) {
                protocol = next;
                return Defect.NONE;
            }
            if (limit - offset < FRAGMENT_HEADER_LENGTH) {
                return Defect.TRUNCATED;
            }
            long header = base + offset;
            offset += length(header, next);
            if (offset > limit) {
                return Defect.TRUNCATED;
            }
            if (next == IpProtocol.FRAGMENT) {
                fragmentWord |= Memory.getShortBigEndian(header + 2) & 0xffff;
                identification = Memory.getIntBigEndian(header + FRAGMENT_IDENTIFICATION_OFFSET);
                if (fragmentOffset() + ipEnd - offset > 0xffff) {
                    return Defect.BAD_FRAGMENT;
                }
            } else if (next == IpProtocol.ROUTING) {
                routed |= Memory.getByte(header + ROUTING_SEGMENTS_LEFT_OFFSET) != 0;
            }
            next = Memory.getByte(header) & 0xff;
            if (fragmentOffset() != 0) {
                protocol = next;
                return Defect.NONE;
            }
        }
        return Defect.TOO_MANY_EXTENSION_HEADERS;
    }

    private static boolean isExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP,
                    IpProtocol.ROUTING,
                    IpProtocol.FRAGMENT,
                    IpProtocol.DESTINATION_OPTIONS,
                    IpProtocol.AH -> true;
            default -> false;
        };
    }

    private static int length(long header, int protocol) {
        int field = Memory.getByte(header + 1) & 0xff;
        return switch (protocol) {
            case IpProtocol.FRAGMENT -> FRAGMENT_HEADER_LENGTH;
            case IpProtocol.AH -> (field + 2) * 4;
            default -> (field + 1) * 8;
        };
    }

    /**
     * {@link IpProtocol} of the upper layer. In a fragment that is not the first it is what the fragment header announces,
     * which may be one more extension header.
     */
    public int protocol() {
        return protocol;
    }

    /** Where the extension headers end, bytes from the packet's start. */
    public int offset() {
        return offset;
    }

    /** Whether this is a part of a larger packet. */
    public boolean fragment() {
        return (fragmentWord & (FRAGMENT_OFFSET_MASK | MORE_FRAGMENTS)) != 0;
    }

    /** Whether this is a part of a larger packet, and not its last. */
    public boolean moreFragments() {
        return (fragmentWord & MORE_FRAGMENTS) != 0;
    }

    /** Where this fragment belongs, in bytes; 0 for first fragments and for packets that are none. */
    public int fragmentOffset() {
        return fragmentWord & FRAGMENT_OFFSET_MASK;
    }

    /** What the fragments of one packet have in common besides its addresses; 0 where there is no fragment header. */
    public int identification() {
        return identification;
    }

    /** Whether a routing header has segments left: the destination address is then not the final one (RFC 8200 §8.1). */
    public boolean routed() {
        return routed;
    }
}
