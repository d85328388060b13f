// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.packet.EtherType;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.Ipv4;
import io.ptnetmap.nfv.api.packet.Ipv6;
import io.ptnetmap.nfv.api.packet.Tcp;
import io.ptnetmap.nfv.api.packet.Udp;
import java.nio.ByteBuffer;

/**
 * The headers of all flows, made beforehand: Ethernet, IP, and TCP or UDP.
 *
 * <p>Their length fields are 0, and their checksum fields hold the sum of what is known of a flow. To make a packet is to copy a
 * header, fill in the lengths, and add the few words that differ.
 */
final class Templates {
    private static final int L3 = Ethernet.HEADER_LENGTH;
    private static final int TTL = 64;
    private static final int TCP_DATA_OFFSET = Tcp.MIN_HEADER_LENGTH / 4 << 4;
    private static final int TCP_WINDOW = 0xffff;

    private final GeneratorConfig config;
    private final boolean isIpv4;
    private final HostAddresses sources;
    private final HostAddresses destinations;
    private final int l4;
    private final int headerLength;
    private final int checksumAt;
    private final byte[] headers;
    private final int[] fillerSums;

    Templates(GeneratorConfig config) {
        this.config = config;
        isIpv4 = isIpv4(config);
        sources = addresses("source", config.source().orElse(benchmarking(isIpv4, 0)));
        destinations = addresses("destination", config.destination().orElse(benchmarking(isIpv4, 1)));
        l4 = L3 + (isIpv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH);
        headerLength = l4 + config.protocol().headerLength();
        checksumAt = l4 + config.protocol().checksumOffset();
        requireFlows();
        headers = new byte[config.flows() * headerLength];
        for (int flow = 0; flow < config.flows(); flow++) {
            write(
                    flow,
                    ByteBuffer.wrap(headers, flow * headerLength, headerLength).slice());
        }
        fillerSums = new int[Math.max(0, config.size().largest() - smallestPacket()) + 1];
        for (int i = 0; i < fillerSums.length; i++) {
            fillerSums[i] = fold(Probe.fillerSum(i));
        }
    }

    private static boolean isIpv4(GeneratorConfig config) {
        return switch (config.ipVersion()) {
            case 4 -> true;
            case 6 -> false;
            default -> throw new ConfigurationException("ip-version", "must be 4 or 6, not " + config.ipVersion());
        };
    }

    /** Half of the addresses set aside for benchmarks by RFC 2544 §C.2.2, or a subnet of those by RFC 5180 §8. */
    private static IpPrefix benchmarking(boolean isIpv4, int part) {
        return IpPrefix.parse(isIpv4 ? "198." + (18 + part) + ".0.0/16" : "2001:2:0:" + part + "::/64");
    }

    private HostAddresses addresses(String field, IpPrefix prefix) {
        if (prefix.isIpv4() != isIpv4) {
            throw new ConfigurationException(
                    field, prefix + " does not go with ip-version " + config.ipVersion() + ": change one of them");
        }
        return new HostAddresses(prefix);
    }

    private void requireFlows() {
        double possible = (double) config.sourcePort().size()
                * config.destinationPort().size()
                * sources.count()
                * destinations.count();
        if (possible < config.flows()) {
            throw new ConfigurationException(
                    "flows",
                    "the addresses and ports make " + (long) possible
                            + " flows only: widen one of them or ask for fewer");
        }
    }

    /** Shortest packet that holds all headers and a probe, in bytes. */
    int smallestPacket() {
        return headerLength + Probe.length(config.bufferIndex());
    }

    private void write(int flow, ByteBuffer header) {
        long port = flow % config.sourcePort().size();
        long rest = flow / config.sourcePort().size();
        long source = rest % sources.count();
        rest /= sources.count();
        long destination = rest % destinations.count();
        rest /= destinations.count();

        writeEthernet(header);
        if (isIpv4) {
            header.put((byte) 0x45).put((byte) 0).putShort((short) 0);
            header.putShort((short) 0).putShort((short) Ipv4.DONT_FRAGMENT);
            header.put((byte) TTL).put((byte) config.protocol().number()).putShort((short) 0);
        } else {
            header.putInt(0x6000_0000).putShort((short) 0);
            header.put((byte) config.protocol().number()).put((byte) TTL);
        }
        int addresses = header.position();
        sources.put(source, header);
        destinations.put(destination, header);
        header.putShort((short) (config.sourcePort().first() + port));
        header.putShort((short) (config.destinationPort().first() + rest));
        if (config.protocol() == TransportProtocol.TCP) {
            header.position(l4 + Tcp.DATA_OFFSET);
            header.put((byte) TCP_DATA_OFFSET).put((byte) (Tcp.PSH | Tcp.ACK)).putShort((short) TCP_WINDOW);
        }
        if (isIpv4) {
            header.putShort(L3 + Ipv4.CHECKSUM_OFFSET, (short) fold(sum(header, L3, l4)));
        }
        long transport =
                sum(header, addresses, headerLength) + config.protocol().number();
        header.putShort(checksumAt, (short) fold(transport));
    }

    private void writeEthernet(ByteBuffer header) {
        long destination = config.destinationMac().value();
        long source = config.sourceMac().value();
        header.putShort((short) (destination >>> 32)).putInt((int) destination);
        header.putShort((short) (source >>> 32)).putInt((int) source);
        header.putShort((short) (isIpv4 ? EtherType.IPV4 : EtherType.IPV6));
    }

    private static long sum(ByteBuffer words, int start, int end) {
        long sum = 0;
        for (int i = start; i < end; i += 2) {
            sum += words.getShort(i) & 0xffff;
        }
        return sum;
    }

    /** Writes a whole packet of a flow; its length is the packet's. */
    void write(Packet packet, int flow, long sequence, long sentNanos) {
        int l4Length = packet.length() - l4;
        packet.put(0, headers, flow * headerLength, headerLength);
        Probe.write(packet, headerLength, config.id(), sequence, sentNanos, config.bufferIndex());
        if (isIpv4) {
            int totalLength = packet.length() - L3;
            packet.u16(L3 + Ipv4.TOTAL_LENGTH_OFFSET, totalLength);
            int sum = packet.u16(L3 + Ipv4.CHECKSUM_OFFSET) + totalLength;
            packet.u16(L3 + Ipv4.CHECKSUM_OFFSET, ~fold(sum));
        } else {
            packet.u16(L3 + Ipv6.PAYLOAD_LENGTH_OFFSET, l4Length);
        }
        long sum = packet.u16(checksumAt)
                + l4Length
                + Probe.sum(packet, config.id(), sequence, sentNanos, config.bufferIndex());
        sum += fillerSums[packet.length() - smallestPacket()];
        if (config.protocol() == TransportProtocol.UDP) {
            packet.u16(l4 + Udp.LENGTH_OFFSET, l4Length);
            int checksum = ~fold(sum + l4Length) & 0xffff;
            packet.u16(checksumAt, checksum == 0 ? 0xffff : checksum);
        } else {
            packet.u16(checksumAt, ~fold(sum));
        }
    }

    /** A sum of 16-bit words with its carries added back in (RFC 1071). */
    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
