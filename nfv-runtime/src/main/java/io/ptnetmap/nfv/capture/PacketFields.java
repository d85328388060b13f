// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.packet.Arp;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Icmp;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Ipv4;
import io.ptnetmap.nfv.api.packet.Ipv4Address;
import io.ptnetmap.nfv.api.packet.Ipv6;
import io.ptnetmap.nfv.api.packet.Ipv6Address;
import io.ptnetmap.nfv.api.packet.MacAddress;
import io.ptnetmap.nfv.api.packet.Tcp;
import io.ptnetmap.nfv.api.packet.Udp;
import io.ptnetmap.nfv.api.packet.Vlan;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of a packet's headers as text, by name, in the packet's order; and what of them differs between two packets. */
final class PacketFields {
    private static final HexFormat HEX = HexFormat.of();
    private static final String TCP_FLAGS = "FSRPAUEC";
    /** Neighbouring bytes that differ are told in one go, up to so many. */
    private static final int LONGEST_RANGE = 32;

    private final byte[] bytes;
    private final int totalLength;
    private final Map<String, String> values = new LinkedHashMap<>();
    /** Bytes that belong to a field. */
    private final BitSet named = new BitSet();
    /** What the offsets of the fields to come start from. */
    private int base;

    private PacketFields(byte[] bytes, int totalLength) {
        this.bytes = bytes;
        this.totalLength = totalLength;
    }

    /**
     * Reads the headers of a packet as far as there are any.
     *
     * @param bytes from the Ethernet header on
     * @param totalLength of the packet, of which the bytes may be the first ones only
     */
    static PacketFields of(byte[] bytes, int totalLength) {
        PacketFields fields = new PacketFields(bytes, totalLength);
        fields.read();
        return fields;
    }

    /** The fields, in the packet's order. */
    List<PacketTrace.Field> list() {
        return values.entrySet().stream()
                .map(entry -> new PacketTrace.Field(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** What has become of this packet's fields in {@code after}. */
    List<FieldChange> changesTo(PacketFields after) {
        List<FieldChange> changes = new ArrayList<>();
        values.forEach((name, value) -> {
            String then = after.values.getOrDefault(name, "");
            if (!then.equals(value)) {
                changes.add(new FieldChange(name, value, then));
            }
        });
        after.values.forEach((name, value) -> {
            if (!values.containsKey(name)) {
                changes.add(new FieldChange(name, "", value));
            }
        });
        if (totalLength != after.totalLength) {
            changes.add(new FieldChange("length", String.valueOf(totalLength), String.valueOf(after.totalLength)));
        }
        addNamelessChanges(after, changes);
        return List.copyOf(changes);
    }

    /** Of bytes that belong to no field in either packet. Where bytes were put in or taken out, all behind differ. */
    private void addNamelessChanges(PacketFields after, List<FieldChange> changes) {
        int length = Math.min(bytes.length, after.bytes.length);
        for (int i = 0; i < length; i++) {
            int first = i;
            while (i < length && i - first < LONGEST_RANGE && differsWithoutName(after, i)) {
                i++;
            }
            if (i != first) {
                changes.add(new FieldChange(
                        "bytes[" + first + ".." + (i - 1) + "]",
                        HEX.formatHex(bytes, first, i),
                        HEX.formatHex(after.bytes, first, i)));
                i--;
            }
        }
    }

    private boolean differsWithoutName(PacketFields after, int at) {
        return bytes[at] != after.bytes[at] && !named.get(at) && !after.named.get(at);
    }

    private void read() {
        if (bytes.length < Ethernet.HEADER_LENGTH) {
            return;
        }
        mac("eth.dst", Ethernet.DESTINATION_OFFSET);
        mac("eth.src", Ethernet.SOURCE_OFFSET);
        try (Arena arena = Arena.ofConfined()) {
            // Beyond the bytes, for the timestamp that a packet has.
            long address = arena.allocate(bytes.length + Long.BYTES, Long.BYTES).address();
            Memory.copy(bytes, 0, address, bytes.length);
            Headers headers = new Headers();
            headers.parse(new Packet()
                    .wrap(address, bytes.length, bytes.length, totalLength, address + bytes.length & -Long.BYTES));
            read(headers);
        }
    }

    private void read(Headers headers) {
        for (int tag = 0; tag < headers.vlanTags(); tag++) {
            base = Ethernet.HEADER_LENGTH + tag * Vlan.HEADER_LENGTH;
            String name = tag == 0 ? "vlan" : "vlan" + (tag + 1);
            put(name + ".id", Vlan.CONTROL_OFFSET, 2, String.valueOf(u16(Vlan.CONTROL_OFFSET) & 0xfff));
            put(name + ".pcp", Vlan.CONTROL_OFFSET, 2, String.valueOf(u16(Vlan.CONTROL_OFFSET) >>> 13));
            put(name + ".dei", Vlan.CONTROL_OFFSET, 2, String.valueOf(u16(Vlan.CONTROL_OFFSET) >>> 12 & 1));
        }
        if (headers.l3Offset() < 0) {
            return;
        }
        base = headers.l3Offset();
        hex16("eth.type", -2);
        if (headers.isIpv4()) {
            ipv4();
        } else if (headers.isIpv6()) {
            ipv6();
        } else if (headers.isArp() && bytes.length - base >= Arp.HEADER_LENGTH) {
            arp();
        }
        if (headers.l4Offset() >= 0) {
            base = headers.l4Offset();
            transport(headers);
        }
    }

    private void ipv4() {
        hex8("ipv4.tos", Ipv4.TOS_OFFSET);
        number16("ipv4.length", Ipv4.TOTAL_LENGTH_OFFSET);
        number16("ipv4.id", Ipv4.IDENTIFICATION_OFFSET);
        hex16("ipv4.fragment", Ipv4.FRAGMENT_OFFSET);
        number8("ipv4.ttl", Ipv4.TTL_OFFSET);
        number8("ipv4.protocol", Ipv4.PROTOCOL_OFFSET);
        hex16("ipv4.checksum", Ipv4.CHECKSUM_OFFSET);
        address4("ipv4.src", Ipv4.SOURCE_OFFSET);
        address4("ipv4.dst", Ipv4.DESTINATION_OFFSET);
    }

    private void ipv6() {
        put("ipv6.class-label", Ipv6.VERSION_CLASS_LABEL_OFFSET, 4, String.format("0x%07x", i32(0) & 0xfff_ffff));
        number16("ipv6.length", Ipv6.PAYLOAD_LENGTH_OFFSET);
        number8("ipv6.next-header", Ipv6.NEXT_HEADER_OFFSET);
        number8("ipv6.hop-limit", Ipv6.HOP_LIMIT_OFFSET);
        address6("ipv6.src", Ipv6.SOURCE_OFFSET);
        address6("ipv6.dst", Ipv6.DESTINATION_OFFSET);
    }

    private void arp() {
        number16("arp.operation", Arp.OPERATION_OFFSET);
        mac("arp.sender-mac", Arp.SENDER_MAC_OFFSET);
        address4("arp.sender-ip", Arp.SENDER_IP_OFFSET);
        mac("arp.target-mac", Arp.TARGET_MAC_OFFSET);
        address4("arp.target-ip", Arp.TARGET_IP_OFFSET);
    }

    private void transport(Headers headers) {
        switch (headers.protocol()) {
            case IpProtocol.TCP -> tcp();
            case IpProtocol.UDP -> udp();
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> icmp(headers);
            default -> {}
        }
    }

    private void tcp() {
        number16("tcp.sport", Tcp.SOURCE_PORT_OFFSET);
        number16("tcp.dport", Tcp.DESTINATION_PORT_OFFSET);
        put("tcp.seq", Tcp.SEQUENCE_OFFSET, 4, Integer.toUnsignedString(i32(Tcp.SEQUENCE_OFFSET)));
        put("tcp.ack", Tcp.ACKNOWLEDGMENT_OFFSET, 4, Integer.toUnsignedString(i32(Tcp.ACKNOWLEDGMENT_OFFSET)));
        put("tcp.flags", Tcp.FLAGS_OFFSET, 1, tcpFlags());
        number16("tcp.window", Tcp.WINDOW_OFFSET);
        hex16("tcp.checksum", Tcp.CHECKSUM_OFFSET);
    }

    /** As letters, in the order of their bits. */
    private String tcpFlags() {
        StringBuilder flags = new StringBuilder();
        int bits = u8(Tcp.FLAGS_OFFSET);
        for (int i = 0; i < TCP_FLAGS.length(); i++) {
            if ((bits >>> i & 1) != 0) {
                flags.append(TCP_FLAGS.charAt(i));
            }
        }
        return flags.isEmpty() ? "-" : flags.toString();
    }

    private void udp() {
        number16("udp.sport", Udp.SOURCE_PORT_OFFSET);
        number16("udp.dport", Udp.DESTINATION_PORT_OFFSET);
        number16("udp.length", Udp.LENGTH_OFFSET);
        hex16("udp.checksum", Udp.CHECKSUM_OFFSET);
    }

    private void icmp(Headers headers) {
        String name = headers.isIpv4() ? "icmp" : "icmpv6";
        number8(name + ".type", Icmp.TYPE_OFFSET);
        number8(name + ".code", Icmp.CODE_OFFSET);
        hex16(name + ".checksum", Icmp.CHECKSUM_OFFSET);
        if (headers.isIcmpQuery()) {
            number16(name + ".id", Icmp.IDENTIFIER_OFFSET);
            if (bytes.length - base >= Icmp.SEQUENCE_OFFSET + 2) {
                number16(name + ".seq", Icmp.SEQUENCE_OFFSET);
            }
        }
    }

    private void put(String name, int offset, int length, String value) {
        values.put(name, value);
        named.set(base + offset, base + offset + length);
    }

    private void number8(String name, int offset) {
        put(name, offset, 1, String.valueOf(u8(offset)));
    }

    private void hex8(String name, int offset) {
        put(name, offset, 1, String.format("0x%02x", u8(offset)));
    }

    private void number16(String name, int offset) {
        put(name, offset, 2, String.valueOf(u16(offset)));
    }

    private void hex16(String name, int offset) {
        put(name, offset, 2, String.format("0x%04x", u16(offset)));
    }

    private void address4(String name, int offset) {
        put(name, offset, 4, new Ipv4Address(i32(offset)).toString());
    }

    private void address6(String name, int offset) {
        put(name, offset, 16, new Ipv6Address(i64(offset), i64(offset + 8)).toString());
    }

    private void mac(String name, int offset) {
        put(name, offset, 6, new MacAddress((long) u16(offset) << 32 | i32(offset + 2) & 0xffff_ffffL).toString());
    }

    private int u8(int offset) {
        return bytes[base + offset] & 0xff;
    }

    private int u16(int offset) {
        return u8(offset) << 8 | u8(offset + 1);
    }

    private int i32(int offset) {
        return u16(offset) << 16 | u16(offset + 2);
    }

    private long i64(int offset) {
        return (long) i32(offset) << 32 | i32(offset + 4) & 0xffff_ffffL;
    }
}
