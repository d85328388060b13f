// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.api.Packet;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the parser says about packets written by hand. */
class HeadersTest {
    private static final GuardedPacket MEMORY = new GuardedPacket();
    private static final String MACS = "020000000002" + "020000000001";
    private static final String IP_ADDRESSES = "c0000201" + "c6336402";
    /** 1024 to 80, SYN. */
    private static final String TCP = "0400005000000001000000005002ffff00000000";

    private final Headers headers = new Headers();

    private Packet packet(String hex) {
        return MEMORY.place(HexFormat.of().parseHex(hex));
    }

    private boolean parse(String hex) {
        return headers.parse(packet(hex));
    }

    @Test
    void tcpInTwoTagsWithPadding() {
        assertTrue(parse(MACS + "88a80064" + "8100a0c8" + "0800" + "45000028000040004006" + "0000" + IP_ADDRESSES + TCP
                + "000000"));
        assertEquals(22, headers.l2Length());
        assertEquals(2, headers.vlanTags());
        assertEquals(100, headers.vlanId());
        assertEquals(EtherType.IPV4, headers.etherType());
        assertTrue(headers.isIpv4());
        assertEquals(0xc000_0201, headers.sourceIpv4());
        assertEquals(0xc633_6402, headers.destinationIpv4());
        assertEquals(IpProtocol.TCP, headers.protocol());
        assertEquals(42, headers.l4Offset());
        assertEquals(20, headers.l4Length());
        assertEquals(1024, headers.sourcePort());
        assertEquals(80, headers.destinationPort());
        assertEquals(Tcp.SYN, headers.tcpFlags());
        assertEquals(62, headers.payloadOffset());
        assertEquals(0, headers.payloadLength());
    }

    @Test
    void laterFragmentHasNoTransport() {
        assertTrue(parse(MACS + "0800" + "4500001c000020b94011" + "0000" + IP_ADDRESSES + "0102030405060708"));
        assertTrue(headers.fragment());
        assertTrue(headers.laterFragment());
        assertEquals(IpProtocol.UDP, headers.protocol());
        assertEquals(-1, headers.l4Offset());
        assertFalse(headers.hasPorts());
        assertEquals(34, headers.payloadOffset());
        assertEquals(8, headers.payloadLength());
    }

    @Test
    void firstFragmentHasPortsAndALengthBeyondIt() {
        assertTrue(parse(MACS + "0800" + "45000024000020004011" + "0000" + IP_ADDRESSES + "1388003505c80000"
                + "0102030405060708"));
        assertTrue(headers.fragment());
        assertFalse(headers.laterFragment());
        assertEquals(5000, headers.sourcePort());
        assertEquals(8, headers.payloadLength());
    }

    @Test
    void packetInSeveralBuffers() {
        byte[] first = HexFormat.of().parseHex(MACS + "0800" + "45001000000040004006" + "0000" + IP_ADDRESSES + TCP);
        assertFalse(headers.parse(MEMORY.place(first)));
        assertEquals(Defect.BAD_TOTAL_LENGTH, headers.defect());
        assertTrue(headers.parse(MEMORY.place(first, 14 + 4096)));
        assertEquals(4096 - 40, headers.payloadLength());
    }

    @Test
    void tcpBehindExtensionHeaders() {
        String fixed = "6000000000340040" + "20010db8000000000000000000000001" + "20010db8000000000000000000000002";
        String hopByHop = "3300010400000000";
        String authentication = "06040000" + "00000001" + "00000001" + "00".repeat(12);
        assertTrue(parse(MACS + "86dd" + fixed + hopByHop + authentication + TCP));
        assertTrue(headers.isIpv6());
        assertEquals(0x2001_0db8_0000_0000L, headers.sourceHigh());
        assertEquals(1, headers.sourceLow());
        assertEquals(2, headers.destinationLow());
        assertEquals(IpProtocol.TCP, headers.protocol());
        assertEquals(14 + 40 + 8 + 24, headers.l4Offset());
        assertEquals(80, headers.destinationPort());
    }

    @Test
    void otherEtherTypesAreNotMalformed() {
        assertTrue(parse(MACS + "88cc" + "0207"));
        assertFalse(headers.isIp());
        assertEquals(-1, headers.protocol());
        assertEquals(-1, headers.l4Offset());
        assertEquals(2, headers.payloadLength());
    }

    @ParameterizedTest
    @CsvSource({
        "TRUNCATED, '', 08",
        "TRUNCATED, 0800, 45000014",
        "TRUNCATED, 8100, 0064",
        "TOO_MANY_VLAN_TAGS, 8100, 00018100000281000003810000048100000508000000",
        "BAD_VERSION, 0800, 650000140000000040060000c0000201c6336402",
        "BAD_HEADER_LENGTH, 0800, 440000140000000040060000c0000201c6336402",
        "TRUNCATED, 0800, 460000180000000040060000c0000201c6336402",
        "BAD_TOTAL_LENGTH, 0800, 450000130000000040060000c0000201c6336402",
        "BAD_TOTAL_LENGTH, 0800, 450000150000000040060000c0000201c6336402",
        "TRUNCATED, 0800, 450000140000000040060000c0000201c6336402",
        "BAD_FRAGMENT, 0800, 4500001c00001fff40110000c0000201c63364020000000000000000",
        "BAD_FRAGMENT, 0800, 4500001c0000000140060000c0000201c63364020000000000000000",
        "BAD_UDP_LENGTH, 0800, 4500001c0000000040110000c0000201c63364020400003500070000",
        "BAD_UDP_LENGTH, 0800, 4500001c0000000040110000c0000201c63364020400003500090000",
        "TRUNCATED, 0800, 4500001b0000000040010000c0000201c633640208000000000000",
        "BAD_HEADER_LENGTH, 0800, "
                + "450000280000000040060000c0000201c63364020400005000000001000000004002ffff00000000",
        "TRUNCATED, 0800, 450000280000000040060000c0000201c63364020400005000000001000000006002ffff00000000",
        "BAD_VERSION, 86dd, 40000000000000400000000000000000000000000000000000000000000000000000000000000000",
        "BAD_TOTAL_LENGTH, 86dd, 60000000000111400000000000000000000000000000000000000000000000000000000000000000",
        "TRUNCATED, 86dd, 60000000000000400000000000000000000000000000000000000000000000000000000000000000",
    })
    void malformed(Defect defect, String etherType, String rest) {
        assertFalse(parse(MACS + etherType + rest));
        assertEquals(defect, headers.defect());
        assertEquals(-1, headers.l4Offset());
        assertEquals(0, headers.payloadLength());
    }

    @Test
    void tooManyExtensionHeaders() {
        String options = "3c00010400000000".repeat(9);
        String fixed = "6000000000483c40" + "00".repeat(32);
        assertFalse(parse(MACS + "86dd" + fixed + options));
        assertEquals(Defect.TOO_MANY_EXTENSION_HEADERS, headers.defect());
        assertTrue(headers.isIpv6());
    }

    @Test
    void pingHasItsIdentifierAsPorts() {
        assertTrue(parse(MACS + "0800" + "4500001c0000000040010000" + IP_ADDRESSES + "0800000012340001"));
        assertTrue(headers.isIcmpQuery());
        assertFalse(headers.hasPorts());
        assertEquals(0x1234, headers.sourcePort());
        assertEquals(0x1234, headers.destinationPort());
    }
}
