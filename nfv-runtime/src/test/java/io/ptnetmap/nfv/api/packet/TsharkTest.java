// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.api.Packet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parser and the checksums agree with Wireshark's dissectors. */
class TsharkTest {
    private static final int PACKETS = 1000;

    private static final String FIELDS = "ieee8021ad.id,vlan.id,ip.src,ip.dst,ipv6.src,ipv6.dst,arp.opcode,"
            + "tcp.srcport,tcp.dstport,tcp.flags,tcp.len,udp.srcport,udp.dstport,udp.length,"
            + "icmp.type,icmp.ident,icmpv6.type,icmpv6.echo.identifier,ip.checksum.status,"
            + "tcp.checksum.status,udp.checksum.status,icmp.checksum.status,icmpv6.checksum.status";

    private static final String BAD = "0";
    private static final String GOOD = "1";

    @TempDir
    Path directory;

    @Test
    void agreesOnThousandPackets() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tshark")), "tshark is not installed");
        SamplePackets samples = new SamplePackets(42);
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < PACKETS; i++) {
            packets.add(samples.next());
        }
        List<String> dissected = dissect(packets);
        assertEquals(PACKETS, dissected.size());
        assertCovered(dissected);
        try (GuardedPacket memory = new GuardedPacket()) {
            for (int i = 0; i < PACKETS; i++) {
                compare(i + 1, memory.place(packets.get(i)), dissected.get(i).split("\t", -1));
            }
        }
    }

    /** Each field is there in some packets, and both kinds of checksums. */
    private static void assertCovered(List<String> dissected) {
        String[] fields = FIELDS.split(",");
        for (int field = 0; field < fields.length; field++) {
            int column = field;
            List<String> values = dissected.stream()
                    .map(line -> line.split("\t", -1)[column])
                    .filter(value -> !value.isEmpty())
                    .toList();
            assertTrue(values.size() > 10, fields[field]);
            if (fields[field].endsWith(".status") && !fields[field].startsWith("ip.")) {
                assertTrue(values.contains(BAD) && values.contains(GOOD), fields[field]);
            }
        }
    }

    private static void compare(int number, Packet packet, String[] seen) {
        Headers headers = new Headers();
        String what = "packet " + number;
        assertTrue(headers.parse(packet), () -> what + ": " + headers.defect());
        Vlan vlan = new Vlan();
        vlan.wrap(packet, headers.l2Length() - Vlan.HEADER_LENGTH);
        Ipv4 ip = new Ipv4();
        boolean tcp = headers.hasPorts() && headers.protocol() == IpProtocol.TCP;
        boolean udp = headers.hasPorts() && headers.protocol() == IpProtocol.UDP;
        boolean ping = headers.isIcmpQuery();
        boolean ping4 = ping && headers.isIpv4();
        boolean ping6 = ping && headers.isIpv6();
        String[] expected = {
            text(headers.vlanTags() == 2, headers.vlanId()),
            text(headers.vlanTags() > 0, vlan.id()),
            text(headers.isIpv4(), new Ipv4Address(headers.sourceIpv4())),
            text(headers.isIpv4(), new Ipv4Address(headers.destinationIpv4())),
            text(headers.isIpv6(), new Ipv6Address(headers.sourceHigh(), headers.sourceLow())),
            text(headers.isIpv6(), new Ipv6Address(headers.destinationHigh(), headers.destinationLow())),
            text(headers.isArp(), Arp.REQUEST),
            text(tcp, headers.sourcePort()),
            text(tcp, headers.destinationPort()),
            text(tcp, String.format("0x%04x", tcp ? packet.u16(headers.l4Offset() + Tcp.DATA_OFFSET) & 0xfff : 0)),
            text(tcp && !headers.fragment(), headers.payloadLength()),
            text(udp, headers.sourcePort()),
            text(udp, headers.destinationPort()),
            text(udp, udp ? packet.u16(headers.l4Offset() + Udp.LENGTH_OFFSET) : 0),
            text(ping4, headers.icmpType()),
            text(ping4, headers.sourcePort()),
            text(ping6, headers.icmpType()),
            text(ping6, String.format("0x%04x", headers.sourcePort()))
        };
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], seen[i], what + ", " + FIELDS.split(",")[i]);
        }
        if (ip.wrap(packet)) {
            assertEquals(!seen[expected.length].equals(BAD), Checksum.valid(ip), what + ", IPv4 checksum");
        }
        boolean bad = false;
        for (int i = expected.length + 1; i < seen.length; i++) {
            bad |= seen[i].equals(BAD);
        }
        assertEquals(!bad, Checksum.transportValid(headers), what + ", transport checksum");
    }

    private static String text(boolean there, Object value) {
        return there ? value.toString() : "";
    }

    private List<String> dissect(List<byte[]> packets) throws IOException, InterruptedException {
        Path capture = directory.resolve("samples.pcap");
        Files.write(capture, pcap(packets));
        List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", capture.toString(), "-T", "fields"));
        command.addAll(List.of("-E", "occurrence=f"));
        for (String preference : List.of(
                "ip.check_checksum:TRUE",
                "tcp.check_checksum:TRUE",
                "udp.check_checksum:TRUE",
                "ip.defragment:FALSE",
                "ipv6.defragment:FALSE")) {
            command.addAll(List.of("-o", preference));
        }
        for (String field : FIELDS.split(",")) {
            command.addAll(List.of("-e", field));
        }
        Process tshark = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines = tshark.inputReader().lines().toList();
        assertEquals(0, tshark.waitFor(), "exit status of tshark");
        return lines;
    }

    private static byte[] pcap(List<byte[]> packets) {
        int size = 24 + packets.stream().mapToInt(packet -> 16 + packet.length).sum();
        ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0xa1b2_c3d4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(65535)
                .putInt(1);
        for (byte[] packet : packets) {
            file.putLong(0).putInt(packet.length).putInt(packet.length).put(packet);
        }
        return file.array();
    }
}
