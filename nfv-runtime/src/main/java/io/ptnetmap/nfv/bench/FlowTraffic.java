// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.EtherType;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Ipv4;
import io.ptnetmap.nfv.api.packet.Ipv6;
import io.ptnetmap.nfv.api.packet.Tcp;
import io.ptnetmap.nfv.api.packet.Udp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Packets of many flows between 16,384 hosts and 4,096 servers, with right checksums: of each flow the packets that the host
 * sends and, once it is {@linkplain #answer known}, the packet that the server sends. Made beforehand, so that sending one is
 * copying its header. Single-threaded.
 *
 * <p>Hosts are 198.18.0.0/18, servers 198.19.0.0/20 (RFC 2544), or the same below 2001:2::/48 (RFC 5180); ports of hosts are
 * 1024 to 65535, that of servers 443.
 */
final class FlowTraffic implements AutoCloseable {
    /** Most flows. */
    static final int MAX_FLOWS = 1 << 24;

    private static final int HOST_BITS = 14;
    private static final int SERVER_MASK = (1 << 12) - 1;
    private static final int FIRST_HOST = 0xc612_0000;
    private static final int FIRST_SERVER = 0xc613_0000;
    private static final long IPV6_HOSTS = 0x2001_0002_0000_0000L;
    private static final long IPV6_SERVERS = 0x2001_0002_0000_0001L;
    private static final int SERVER_PORT = 443;
    private static final int FIRST_PORT = 1024;
    private static final long HOST_MAC = 0x0200_0000_0001L;
    private static final long SERVER_MAC = 0x0200_0000_0002L;
    private static final int L3 = Ethernet.HEADER_LENGTH;
    private static final int TTL = 64;
    private static final int LINE = 64;

    private final Shape shape;
    private final int l4;
    private final int headerLength;
    private final int stride;
    private final Arena arena = Arena.ofShared();
    private final long requests;
    private final long answers;
    /** The payload; copied, as filling memory may allocate, which would be taken for the function's doing. */
    private final long zeros;

    private final Packet scratch = new Packet();
    private final Headers headers = new Headers();

    /** Transport protocols. */
    enum Protocol {
        UDP(IpProtocol.UDP, Udp.HEADER_LENGTH),
        TCP(IpProtocol.TCP, Tcp.MIN_HEADER_LENGTH);

        private final int number;
        private final int headerLength;

        Protocol(int number, int headerLength) {
            this.number = number;
            this.headerLength = headerLength;
        }
    }

    /**
     * @param flows 1 to {@link #MAX_FLOWS}
     * @param size bytes of each packet, without Ethernet's checksum
     * @param ipVersion 4 or 6
     */
    record Shape(int flows, int size, Protocol protocol, int ipVersion) {
        /** Shortest packet that holds the headers, in bytes. */
        int least() {
            int network = ipVersion == 4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH;
            return Ethernet.HEADER_LENGTH + network + protocol.headerLength;
        }
    }

    FlowTraffic(Shape shape) {
        this.shape = shape;
        headerLength = shape.least();
        l4 = headerLength - shape.protocol().headerLength;
        stride = (headerLength + LINE - 1) / LINE * LINE;
        requests = allocate((long) shape.flows() * stride);
        answers = allocate((long) shape.flows() * stride);
        zeros = allocate(shape.size());
        long packet = allocate(shape.size());
        long timestamp = allocate(Long.BYTES);
        scratch.wrap(packet, shape.size(), shape.size(), shape.size(), timestamp);
        for (int flow = 0; flow < shape.flows(); flow++) {
            build(flow, Tcp.PSH | Tcp.ACK);
            Memory.copy(packet, requests + (long) flow * stride, headerLength);
        }
    }

    private long allocate(long bytes) {
        MemorySegment memory = arena.allocate(bytes, LINE);
        return memory.address();
    }

    Shape shape() {
        return shape;
    }

    /** Writes what the host of a flow sends, time and again. */
    void request(int flow, Packet into) {
        write(requests, flow, into);
    }

    /** Writes what the server of a flow answers, time and again. */
    void answer(int flow, Packet into) {
        write(answers, flow, into);
    }

    private void write(long from, int flow, Packet into) {
        Memory.copy(from + (long) flow * stride, into.address(), headerLength);
        Memory.copy(zeros, into.address() + headerLength, shape.size() - headerLength);
    }

    /** The packet by which a host begins a flow: of TCP a SYN, of others the first of many. */
    byte[] opening(int flow) {
        build(flow, Tcp.SYN);
        return bytes();
    }

    /** The packet with which a server answers what it has received: of TCP SYN and ACK. */
    byte[] reply(byte[] received) {
        reverse(received, Tcp.SYN | Tcp.ACK);
        return bytes();
    }

    /** Notes, from the packet that a server has received as a flow's first one, what it will answer time and again. */
    void learnAnswer(int flow, byte[] received) {
        reverse(received, Tcp.PSH | Tcp.ACK);
        Memory.copy(scratch.address(), answers + (long) flow * stride, headerLength);
    }

    private byte[] bytes() {
        byte[] bytes = new byte[shape.size()];
        scratch.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    private void build(int flow, int tcpFlags) {
        int host = flow & (1 << HOST_BITS) - 1;
        int port = FIRST_PORT + (7 * host + 61 * (flow >>> HOST_BITS)) % (0x1_0000 - FIRST_PORT);
        int server = flow * 0x9e37_79b1 >>> 8 & SERVER_MASK;
        Memory.zero(scratch.address(), scratch.length());
        scratch.i64(Ethernet.DESTINATION_OFFSET, SERVER_MAC << 16 | HOST_MAC >>> 32);
        scratch.i32(Ethernet.SOURCE_OFFSET + 2, (int) HOST_MAC);
        if (shape.ipVersion() == 4) {
            scratch.u16(Ethernet.ETHER_TYPE_OFFSET, EtherType.IPV4);
            scratch.u8(L3 + Ipv4.VERSION_IHL_OFFSET, 0x45);
            scratch.u16(L3 + Ipv4.TOTAL_LENGTH_OFFSET, shape.size() - L3);
            scratch.u16(L3 + Ipv4.FRAGMENT_OFFSET, Ipv4.DONT_FRAGMENT);
            scratch.u8(L3 + Ipv4.TTL_OFFSET, TTL);
            scratch.u8(L3 + Ipv4.PROTOCOL_OFFSET, shape.protocol().number);
            scratch.i32(L3 + Ipv4.SOURCE_OFFSET, FIRST_HOST + host);
            scratch.i32(L3 + Ipv4.DESTINATION_OFFSET, FIRST_SERVER + server);
            scratch.u16(L3 + Ipv4.CHECKSUM_OFFSET, Checksum.of(scratch, L3, Ipv4.MIN_HEADER_LENGTH));
        } else {
            scratch.u16(Ethernet.ETHER_TYPE_OFFSET, EtherType.IPV6);
            scratch.u8(L3, 0x60);
            scratch.u16(L3 + Ipv6.PAYLOAD_LENGTH_OFFSET, shape.size() - l4);
            scratch.u8(L3 + Ipv6.NEXT_HEADER_OFFSET, shape.protocol().number);
            scratch.u8(L3 + Ipv6.HOP_LIMIT_OFFSET, TTL);
            scratch.i64(L3 + Ipv6.SOURCE_OFFSET, IPV6_HOSTS);
            scratch.i64(L3 + Ipv6.SOURCE_OFFSET + Long.BYTES, host + 1);
            scratch.i64(L3 + Ipv6.DESTINATION_OFFSET, IPV6_SERVERS);
            scratch.i64(L3 + Ipv6.DESTINATION_OFFSET + Long.BYTES, server + 1);
        }
        transport(port << 16 | SERVER_PORT, tcpFlags);
    }

    private void transport(int ports, int tcpFlags) {
        scratch.i32(l4, ports);
        if (shape.protocol() == Protocol.UDP) {
            scratch.u16(l4 + Udp.LENGTH_OFFSET, shape.size() - l4);
        } else {
            scratch.u8(l4 + Tcp.DATA_OFFSET, Tcp.MIN_HEADER_LENGTH / 4 << 4);
            scratch.u8(l4 + Tcp.FLAGS_OFFSET, tcpFlags);
            scratch.u16(l4 + Tcp.WINDOW_OFFSET, 0xffff);
        }
        headers.parse(scratch);
        Checksum.fillTransport(headers);
    }

    /** Turns a packet round, addresses and ports as it has them now. */
    private void reverse(byte[] received, int tcpFlags) {
        int addressLength = shape.ipVersion() == 4 ? Integer.BYTES : 2 * Long.BYTES;
        int source = L3 + (shape.ipVersion() == 4 ? Ipv4.SOURCE_OFFSET : Ipv6.SOURCE_OFFSET);
        scratch.put(0, received, 0, shape.size());
        scratch.put(Ethernet.DESTINATION_OFFSET, received, Ethernet.SOURCE_OFFSET, 6);
        scratch.put(Ethernet.SOURCE_OFFSET, received, Ethernet.DESTINATION_OFFSET, 6);
        scratch.put(source, received, source + addressLength, addressLength);
        scratch.put(source + addressLength, received, source, addressLength);
        transport(Integer.rotateLeft(scratch.i32(l4), 16), tcpFlags);
    }

    @Override
    public void close() {
        arena.close();
    }
}
