// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PacketFieldsTest {
    /** 10.1.0.5 port 1000 to 203.113.0.9 port 53, UDP, TTL 64, four bytes. */
    private static final byte[] UDP = HexFormat.of()
            .parseHex("020000000002020000000001080045000020000140004011b6c10a010005cb71000903e80035000c1234cafebabe");

    private static List<String> changes(byte[] before, byte[] after) {
        return PacketFields.of(before, before.length).changesTo(PacketFields.of(after, after.length)).stream()
                .map(FieldChange::toString)
                .toList();
    }

    @Test
    void fieldsHaveTheirNames() {
        Map<String, String> fields = PacketFields.of(UDP, UDP.length).list().stream()
                .collect(Collectors.toMap(PacketTrace.Field::name, PacketTrace.Field::value));
        assertEquals("02:00:00:00:00:01", fields.get("eth.src"));
        assertEquals("02:00:00:00:00:02", fields.get("eth.dst"));
        assertEquals("10.1.0.5", fields.get("ipv4.src"));
        assertEquals("203.113.0.9", fields.get("ipv4.dst"));
        assertEquals("64", fields.get("ipv4.ttl"));
        assertEquals("1000", fields.get("udp.sport"));
        assertEquals("53", fields.get("udp.dport"));
        assertEquals("0x1234", fields.get("udp.checksum"));
    }

    @Test
    void changesAreToldByField() {
        byte[] after = UDP.clone();
        after[5] = 9;
        after[22] = 63;
        after[29] = 77;
        after[34] = 4;
        after[42] = 0;
        after[43] = 1;
        assertEquals(
                List.of(
                        "eth.dst 02:00:00:00:00:02 -> 02:00:00:00:00:09",
                        "ipv4.ttl 64 -> 63",
                        "ipv4.src 10.1.0.5 -> 10.1.0.77",
                        "udp.sport 1000 -> 1256",
                        "bytes[42..43] cafe -> 0001"),
                changes(UDP, after));
        assertEquals(List.of(), changes(UDP, UDP.clone()));
    }

    @Test
    void headersThatComeAndGoAreTold() {
        byte[] tagged = new byte[UDP.length + 4];
        System.arraycopy(UDP, 0, tagged, 0, 12);
        System.arraycopy(new byte[] {(byte) 0x81, 0, 0x60, 100}, 0, tagged, 12, 4);
        System.arraycopy(UDP, 12, tagged, 16, UDP.length - 12);
        List<String> added = changes(UDP, tagged);
        assertTrue(added.contains("vlan.id (none) -> 100"), added::toString);
        assertTrue(added.contains("vlan.pcp (none) -> 3"), added::toString);
        assertTrue(added.contains("length 46 -> 50"), added::toString);
        assertTrue(changes(tagged, UDP).contains("vlan.id 100 -> (none)"));
    }

    @Test
    void anyBytesAreRead() {
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            byte[] packet = UDP.clone();
            for (int i = random.nextInt(8); i > 0; i--) {
                packet[random.nextInt(packet.length)] = (byte) random.nextInt();
            }
            List<FieldChange> changes =
                    PacketFields.of(UDP, UDP.length).changesTo(PacketFields.of(packet, packet.length));
            assertEquals(
                    Arrays.equals(UDP, packet),
                    changes.isEmpty(),
                    () -> HexFormat.of().formatHex(packet) + ": " + changes);
            byte[] cut = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
            PacketFields.of(cut, cut.length + random.nextInt(3)).list();
        }
    }
}
