// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import static io.ptnetmap.nfv.api.packet.Tcp.ACK;
import static io.ptnetmap.nfv.api.packet.Tcp.FIN;
import static io.ptnetmap.nfv.api.packet.Tcp.RST;
import static io.ptnetmap.nfv.api.packet.Tcp.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Frames;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.testkit.FunctionResult;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Nat44Test {
    private static final String HOST = "10.1.0.2";
    private static final String OTHER_HOST = "10.1.0.3";
    private static final String EXTERNAL = "203.0.113.1";
    private static final String SERVER = "198.51.100.10";
    private static final String OTHER_SERVER = "198.51.100.11";
    private static final String FORWARDED = "forwarded";
    private static final String RETURNED = "returned";

    private Nat44 nat;
    private FunctionTester tester;

    @BeforeEach
    void defaults() {
        configure(new Nat44Configs());
    }

    private void configure(Nat44Configs config) {
        stop();
        nat = new Nat44(config.build());
        tester = FunctionTester.of(nat);
    }

    @AfterEach
    void stop() {
        if (tester != null) {
            tester.close();
        }
    }

    /** What becomes of a frame that must be forwarded straight on. */
    private byte[] send(byte[] frame) {
        FunctionResult result = tester.feed(frame);
        assertEquals(List.of(FORWARDED), result.verdicts());
        return result.packets().getFirst();
    }

    /** What becomes of a frame that must go back to where it came from. */
    private byte[] turnBack(byte[] frame) {
        FunctionResult result = tester.feed(frame);
        assertEquals(List.of(RETURNED), result.verdicts());
        return result.packets().getFirst();
    }

    private String verdict(byte[] frame) {
        return tester.feed(frame).verdicts().getFirst();
    }

    private void pass(long seconds) {
        tester.advance(Duration.ofSeconds(seconds));
    }

    private static void assertEnds(
            byte[] frame, String source, int sourcePort, String destination, int destinationPort) {
        assertEquals(
                source + ":" + sourcePort + " > " + destination + ":" + destinationPort,
                Frames.source(frame) + ":" + Frames.sourcePort(frame) + " > " + Frames.destination(frame) + ":"
                        + Frames.destinationPort(frame));
        assertTrue(Frames.checksumsValid(frame));
    }

    @Test
    void udpOutAndBack() {
        byte[] sent = send(Frames.udp(HOST, 5000, SERVER, 53, 31));
        assertEnds(sent, EXTERNAL, 5000, SERVER, 53);
        assertEquals(64, sent[Frames.L3 + 8], "TTL is not touched");
        assertArrayEquals(Frames.udp(SERVER, 53, HOST, 5000, 31), send(Frames.udp(SERVER, 53, EXTERNAL, 5000, 31)));
    }

    @Test
    void tcpOutAndBack() {
        assertEnds(send(Frames.tcp(HOST, 5000, SERVER, 80, SYN)), EXTERNAL, 5000, SERVER, 80);
        assertArrayEquals(
                Frames.tcp(SERVER, 80, HOST, 5000, SYN | ACK), send(Frames.tcp(SERVER, 80, EXTERNAL, 5000, SYN | ACK)));
    }

    @Test
    void pingOutAndBack() {
        byte[] first = send(Frames.icmp(HOST, SERVER, 8, 0, 77));
        byte[] second = send(Frames.icmp(OTHER_HOST, SERVER, 8, 0, 77));
        assertEnds(first, EXTERNAL, 77, SERVER, 77);
        int identifier = Frames.sourcePort(second);
        assertNotEquals(77, identifier);
        assertArrayEquals(Frames.icmp(SERVER, HOST, 0, 0, 77), send(Frames.icmp(SERVER, EXTERNAL, 0, 0, 77)));
        assertArrayEquals(
                Frames.icmp(SERVER, OTHER_HOST, 0, 0, 77), send(Frames.icmp(SERVER, EXTERNAL, 0, 0, identifier)));
        assertEquals("no-mapping", verdict(Frames.icmp(SERVER, EXTERNAL, 8, 0, 77)), "requests do not get in");
        assertEquals("no-mapping", verdict(Frames.icmp(HOST, SERVER, 0, 0, 78)), "an answer to nothing");
    }

    @Test
    void mappingIsEndpointIndependent() {
        send(Frames.udp(OTHER_HOST, 5000, SERVER, 53, 8));
        int port = Frames.sourcePort(send(Frames.udp(HOST, 5000, SERVER, 53, 8)));
        assertNotEquals(5000, port, "taken");
        assertEquals(0, port % 2, "but of the same parity");
        assertEquals(port, Frames.sourcePort(send(Frames.udp(HOST, 5000, SERVER, 54, 8))));
        assertEquals(port, Frames.sourcePort(send(Frames.udp(HOST, 5000, OTHER_SERVER, 53, 8))));
        assertEquals(5000, Frames.sourcePort(send(Frames.tcp(HOST, 5000, SERVER, 53, SYN))), "TCP has its own ports");
    }

    @Test
    void poolingIsPaired() {
        configure(new Nat44Configs().external("203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"));
        Set<String> used = new HashSet<>();
        for (int host = 1; host <= 50; host++) {
            String address = "10.1.1." + host;
            String external = Frames.source(send(Frames.udp(address, 1000, SERVER, 1, 8)));
            used.add(external);
            for (int port = 1001; port < 1010; port++) {
                assertEquals(external, Frames.source(send(Frames.udp(address, port, SERVER, port, 8))));
                assertEquals(external, Frames.source(send(Frames.tcp(address, port, SERVER, port, SYN))));
            }
        }
        assertEquals(4, used.size());
    }

    @Test
    void filteringByAddressAndPort() {
        send(Frames.udp(HOST, 5000, SERVER, 53, 8));
        assertEquals(FORWARDED, verdict(Frames.udp(SERVER, 53, EXTERNAL, 5000, 8)));
        assertEquals("filtered", verdict(Frames.udp(SERVER, 54, EXTERNAL, 5000, 8)));
        assertEquals("filtered", verdict(Frames.udp(OTHER_SERVER, 53, EXTERNAL, 5000, 8)));
        assertEquals("no-mapping", verdict(Frames.udp(SERVER, 53, EXTERNAL, 5001, 8)));
        assertEquals("no-mapping", verdict(Frames.tcp(SERVER, 53, EXTERNAL, 5000, SYN)));
    }

    @Test
    void filteringByAddress() {
        configure(new Nat44Configs().filtering(Filtering.ADDRESS_DEPENDENT));
        send(Frames.udp(HOST, 5000, SERVER, 53, 8));
        send(Frames.udp(HOST, 5000, SERVER, 55, 8));
        assertEquals(FORWARDED, verdict(Frames.udp(SERVER, 54, EXTERNAL, 5000, 8)));
        assertEquals("filtered", verdict(Frames.udp(OTHER_SERVER, 53, EXTERNAL, 5000, 8)));
        pass(200);
        send(Frames.udp(HOST, 5000, SERVER, 55, 8));
        pass(200);
        assertEquals(FORWARDED, verdict(Frames.udp(SERVER, 54, EXTERNAL, 5000, 8)), "one of two sessions is left");
        send(Frames.udp(HOST, 5000, OTHER_SERVER, 53, 8));
        pass(200);
        assertEquals("filtered", verdict(Frames.udp(SERVER, 54, EXTERNAL, 5000, 8)), "both sessions are over");
        assertEquals(FORWARDED, verdict(Frames.udp(OTHER_SERVER, 54, EXTERNAL, 5000, 8)));
    }

    @Test
    void noFiltering() {
        configure(new Nat44Configs().filtering(Filtering.ENDPOINT_INDEPENDENT));
        send(Frames.udp(HOST, 5000, SERVER, 53, 8));
        assertArrayEquals(
                Frames.udp(OTHER_SERVER, 9, HOST, 5000, 8), send(Frames.udp(OTHER_SERVER, 9, EXTERNAL, 5000, 8)));
        assertEquals(1, nat.report().get("sessions"), "packets from outside begin none");
    }

    @Test
    void errorsFromOutside() {
        byte[] query = Frames.udp(HOST, 5000, SERVER, 53, 40);
        byte[] asSent = send(query);
        byte[] error = send(Frames.error("198.51.100.1", EXTERNAL, 11, asSent, 60));
        assertArrayEquals(Frames.error("198.51.100.1", HOST, 11, query, 60), error);
        byte[] shortError = send(Frames.error("198.51.100.1", EXTERNAL, 3, asSent, 28));
        assertArrayEquals(Frames.error("198.51.100.1", HOST, 3, query, 28), shortError);
    }

    @Test
    void errorsFromOutsideAboutTcpAndPing() {
        byte[] syn = Frames.tcp(HOST, 5000, SERVER, 80, SYN);
        byte[] synAsSent = send(syn);
        byte[] ping = Frames.icmp(HOST, SERVER, 8, 0, 9);
        send(Frames.icmp(OTHER_HOST, SERVER, 8, 0, 9));
        byte[] pingAsSent = send(ping);
        for (int quoted : List.of(28, 36, 38, 39, 45)) {
            assertArrayEquals(
                    Frames.error(SERVER, HOST, 3, syn, quoted),
                    send(Frames.error(SERVER, EXTERNAL, 3, synAsSent, quoted)));
            assertArrayEquals(
                    Frames.error(SERVER, HOST, 12, ping, quoted),
                    send(Frames.error(SERVER, EXTERNAL, 12, pingAsSent, quoted)));
        }
    }

    @Test
    void errorThatCutsTheQuotedChecksum() {
        byte[] asSent = send(Frames.tcp(HOST, 5000, SERVER, 80, SYN));
        byte[] error = send(Frames.error(SERVER, EXTERNAL, 3, asSent, 37));
        assertTrue(Frames.checksumsValid(error));
        assertEquals(HOST, Frames.source(Frames.quoted(error)));
    }

    @Test
    void errorsFromInside() {
        send(Frames.udp(OTHER_HOST, 5000, SERVER, 53, 8));
        byte[] asSent = send(Frames.udp(HOST, 5000, SERVER, 53, 8));
        int port = Frames.sourcePort(asSent);
        byte[] answer = Frames.udp(SERVER, 53, EXTERNAL, port, 50);
        byte[] asReceived = send(answer);
        byte[] expected = Frames.error(EXTERNAL, SERVER, 3, answer, 78);
        assertArrayEquals(expected, send(Frames.error(HOST, SERVER, 3, asReceived, 78)));
        assertArrayEquals(expected, send(Frames.error("10.1.9.9", SERVER, 3, asReceived, 78)), "from a router inside");
    }

    @Test
    void errorsAboutNothing() {
        byte[] asSent = send(Frames.udp(HOST, 5000, SERVER, 53, 8));
        byte[] other = Frames.udp(EXTERNAL, 5001, SERVER, 53, 8);
        assertEquals("no-mapping", verdict(Frames.error(SERVER, EXTERNAL, 3, other, 36)));
        byte[] elsewhere = Frames.udp(EXTERNAL, 5000, OTHER_SERVER, 53, 8);
        assertEquals("filtered", verdict(Frames.error(SERVER, EXTERNAL, 3, elsewhere, 36)));
        assertEquals("malformed", verdict(Frames.error(SERVER, EXTERNAL, 3, asSent, 27)));
        byte[] unasked = Frames.udp(SERVER, 53, OTHER_HOST, 7, 8);
        assertEquals("no-mapping", verdict(Frames.error(OTHER_HOST, SERVER, 3, unasked, 36)));
    }

    @Test
    void errorsDoNotKeepSessions() {
        byte[] asSent = send(Frames.udp(HOST, 5000, SERVER, 53, 8));
        pass(200);
        send(Frames.error(SERVER, EXTERNAL, 3, asSent, 36));
        pass(101);
        assertEquals("no-mapping", verdict(Frames.udp(SERVER, 53, EXTERNAL, 5000, 8)));
    }

    @Test
    void hairpin() {
        configure(new Nat44Configs().filtering(Filtering.ENDPOINT_INDEPENDENT));
        send(Frames.udp(OTHER_HOST, 7000, SERVER, 53, 8));
        byte[] sent = Frames.udp(HOST, 5000, EXTERNAL, 7000, 8);
        byte[] received = turnBack(sent);
        assertEnds(received, EXTERNAL, 5000, OTHER_HOST, 7000);
        assertEquals(Frames.INSIDE_MAC, Frames.u48(received, 0));
        assertEquals(Frames.ROUTER_MAC, Frames.u48(received, 6));

        byte[] error = turnBack(Frames.error(OTHER_HOST, EXTERNAL, 3, received, 36));
        byte[] expected = Frames.error(EXTERNAL, HOST, 3, sent, 36);
        System.arraycopy(error, 0, expected, 0, 12);
        assertArrayEquals(expected, error);
    }

    @Test
    void hairpinIsFilteredLikeEverythingElse() {
        send(Frames.udp(OTHER_HOST, 7000, SERVER, 53, 8));
        assertEquals("filtered", verdict(Frames.udp(HOST, 5000, EXTERNAL, 7000, 8)));
        assertEquals(RETURNED, verdict(Frames.udp(OTHER_HOST, 7000, EXTERNAL, 5000, 8)));
        assertEquals(RETURNED, verdict(Frames.udp(HOST, 5000, EXTERNAL, 7000, 8)), "both have sent now");
        configure(new Nat44Configs().filtering(Filtering.ENDPOINT_INDEPENDENT).hairpinning(false));
        send(Frames.udp(OTHER_HOST, 7000, SERVER, 53, 8));
        assertEquals("filtered", verdict(Frames.udp(HOST, 5000, EXTERNAL, 7000, 8)));
    }

    @Test
    void whatIsNotTranslated() {
        byte[] arp = new byte[60];
        Frames.put16(arp, 12, 0x0806);
        for (byte[] frame : List.of(
                arp,
                Frames.udp("2001:db8::1", 1, "2001:db8:1::1", 2, 8),
                Frames.udp(HOST, 1, "192.168.0.9", 2, 8),
                Frames.ip(89, HOST, OTHER_HOST, new byte[8]),
                Frames.udp(HOST, 1, "224.0.0.251", 2, 8),
                Frames.udp(HOST, 1, "255.255.255.255", 2, 8),
                Frames.udp(SERVER, 1, HOST, 2, 8),
                Frames.udp("0.0.0.0", 68, "255.255.255.255", 67, 8))) {
            assertArrayEquals(frame, send(frame));
        }
        configure(new Nat44Configs().unmatched(Unmatched.DROP));
        assertEquals("unmatched", verdict(Frames.udp(SERVER, 1, HOST, 2, 8)));
        assertEquals("unmatched", verdict(Frames.udp(HOST, 1, "224.0.0.251", 2, 8)));
        assertEquals(FORWARDED, verdict(Frames.udp(HOST, 1, OTHER_HOST, 2, 8)));
        assertEquals(FORWARDED, verdict(arp));
    }

    @Test
    void whatCannotBeTranslated() {
        assertEquals("unsupported-protocol", verdict(Frames.ip(47, HOST, SERVER, new byte[20])));
        assertEquals("unsupported-protocol", verdict(Frames.ip(47, SERVER, EXTERNAL, new byte[20])));
        assertEquals("unsupported-protocol", verdict(Frames.icmp(HOST, SERVER, 10, 0, 0)), "router solicitation");
        byte[] cut = Frames.tcp(HOST, 1, SERVER, 2, SYN);
        Frames.put16(cut, Frames.L3 + 2, 30);
        assertEquals("malformed", verdict(cut));
        assertEquals("malformed", verdict(new byte[5]));
    }

    @Test
    void udpWithoutChecksumStaysWithout() {
        byte[] frame = Frames.udp(HOST, 5000, SERVER, 53, 8);
        Frames.put16(frame, Frames.L4 + 6, 0);
        byte[] sent = send(frame);
        assertEquals(0, Frames.u16(sent, Frames.L4 + 6));
        byte[] error = send(Frames.error(SERVER, EXTERNAL, 3, sent, 36));
        assertArrayEquals(Frames.error(SERVER, HOST, 3, frame, 36), error);
    }

    @Test
    void fragments() {
        byte[] whole = Frames.udp(HOST, 5000, SERVER, 53, 200);
        List<byte[]> pieces = Frames.fragments(whole, 80);
        assertEquals("fragment-unknown", verdict(pieces.get(1)), "before the first");
        List<byte[]> sent = new ArrayList<>();
        for (byte[] piece : pieces) {
            sent.add(send(piece));
        }
        assertEnds(Frames.reassemble(sent), EXTERNAL, 5000, SERVER, 53);
        List<byte[]> received = new ArrayList<>();
        for (byte[] piece : Frames.fragments(Frames.udp(SERVER, 53, EXTERNAL, 5000, 200), 80)) {
            received.add(send(piece));
        }
        assertArrayEquals(Frames.udp(SERVER, 53, HOST, 5000, 200), Frames.reassemble(received));
        pass(31);
        assertEquals("fragment-unknown", verdict(pieces.get(1)));
    }

    @Test
    void fragmentsOfHairpin() {
        configure(new Nat44Configs().filtering(Filtering.ENDPOINT_INDEPENDENT));
        send(Frames.udp(OTHER_HOST, 7000, SERVER, 53, 8));
        List<byte[]> received = new ArrayList<>();
        for (byte[] piece : Frames.fragments(Frames.udp(HOST, 5000, EXTERNAL, 7000, 100), 80)) {
            received.add(turnBack(piece));
        }
        assertEquals(2, received.size());
        assertEnds(Frames.reassemble(received), EXTERNAL, 5000, OTHER_HOST, 7000);
    }

    @Test
    void portsRunOut() {
        configure(new Nat44Configs().ports("2000-2003"));
        Set<Integer> ports = new HashSet<>();
        for (int port = 1; port <= 4; port++) {
            ports.add(Frames.sourcePort(send(Frames.udp(HOST, port, SERVER, 53, 8))));
        }
        assertEquals(Set.of(2000, 2001, 2002, 2003), ports);
        assertEquals("ports-exhausted", verdict(Frames.udp(HOST, 5, SERVER, 53, 8)));
        assertEquals(FORWARDED, verdict(Frames.tcp(HOST, 5, SERVER, 53, SYN)));
        assertEquals(FORWARDED, verdict(Frames.udp(HOST, 4, SERVER, 54, 8)));
        pass(301);
        assertEquals(FORWARDED, verdict(Frames.udp(HOST, 5, SERVER, 53, 8)));
    }

    @Test
    void tablesFillUp() {
        configure(new Nat44Configs().maxBindings(2).maxSessions(3));
        send(Frames.udp(HOST, 1, SERVER, 53, 8));
        send(Frames.udp(HOST, 2, SERVER, 53, 8));
        assertEquals("table-full", verdict(Frames.udp(HOST, 3, SERVER, 53, 8)), "bindings");
        send(Frames.udp(HOST, 2, SERVER, 54, 8));
        assertEquals("table-full", verdict(Frames.udp(HOST, 2, SERVER, 55, 8)), "sessions");
        send(Frames.udp(HOST, 2, SERVER, 54, 8));
        assertEquals(2, nat.report().get("bindings"));
        pass(301);
        assertEquals(0, nat.report().get("bindings"));
        assertEquals(0, nat.report().get("sessions"));
        send(Frames.udp(HOST, 3, SERVER, 53, 8));
    }

    @Test
    void timeouts() {
        send(Frames.udp(HOST, 5000, SERVER, 53, 8));
        pass(299);
        send(Frames.udp(SERVER, 53, EXTERNAL, 5000, 8));
        pass(299);
        send(Frames.udp(SERVER, 53, EXTERNAL, 5000, 8));
        pass(301);
        assertEquals("no-mapping", verdict(Frames.udp(SERVER, 53, EXTERNAL, 5000, 8)));
        send(Frames.icmp(HOST, SERVER, 8, 0, 1));
        pass(61);
        assertEquals("no-mapping", verdict(Frames.icmp(SERVER, EXTERNAL, 0, 0, 1)));
    }

    @Test
    void timeoutsOfTcp() {
        byte[] answer = Frames.tcp(SERVER, 80, EXTERNAL, 5000, ACK);
        send(Frames.tcp(HOST, 5000, SERVER, 80, SYN));
        pass(241);
        assertEquals("no-mapping", verdict(answer), "half-open");
        openConnection();
        pass(7439);
        send(answer);
        pass(7439);
        send(Frames.tcp(HOST, 5000, SERVER, 80, FIN | ACK));
        pass(7439);
        send(Frames.tcp(SERVER, 80, EXTERNAL, 5000, FIN | ACK));
        pass(241);
        assertEquals("no-mapping", verdict(answer), "closed");
        openConnection();
        send(Frames.tcp(SERVER, 80, EXTERNAL, 5000, RST));
        pass(239);
        openConnection();
        pass(7439);
        send(answer);
        send(Frames.tcp(HOST, 5000, SERVER, 80, RST));
        pass(241);
        assertEquals("no-mapping", verdict(answer), "reset");
    }

    private void openConnection() {
        send(Frames.tcp(HOST, 5000, SERVER, 80, SYN));
        send(Frames.tcp(SERVER, 80, EXTERNAL, 5000, SYN | ACK));
        send(Frames.tcp(HOST, 5000, SERVER, 80, ACK));
    }

    @Test
    void wrongAddressesAreRefused() {
        refused("external[1]", new Nat44Configs().external("203.0.113.1", "2001:db8::1"));
        refused("external[2]", new Nat44Configs().external("203.0.113.1", "203.0.113.2", "203.0.113.1"));
    }

    private static void refused(String field, Nat44Configs config) {
        assertEquals(
                field,
                assertThrows(ConfigurationException.class, () -> new Nat44(config.build()))
                        .field());
    }
}
