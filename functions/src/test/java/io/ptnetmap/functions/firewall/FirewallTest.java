// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import static io.ptnetmap.functions.firewall.RuleBuilder.accept;
import static io.ptnetmap.functions.firewall.RuleBuilder.drop;
import static io.ptnetmap.functions.firewall.RuleBuilder.stateful;
import static io.ptnetmap.functions.firewall.RuleBuilder.stateless;
import static io.ptnetmap.nfv.api.packet.Tcp.ACK;
import static io.ptnetmap.nfv.api.packet.Tcp.FIN;
import static io.ptnetmap.nfv.api.packet.Tcp.RST;
import static io.ptnetmap.nfv.api.packet.Tcp.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.ptnetmap.functions.Frames;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.testkit.FunctionResult;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FirewallTest {
    private static final String CLIENT = "10.0.0.1";
    private static final String SERVER = "192.0.2.1";
    private static final String CLIENT6 = "2001:db8::1";
    private static final String SERVER6 = "2001:db8:1::1";
    private static final String FORWARDED = "forwarded";

    private Firewall firewall;
    private FunctionTester tester;

    private void configure(FirewallConfig config) {
        stop();
        firewall = new Firewall(config);
        tester = FunctionTester.of(firewall);
    }

    @AfterEach
    void stop() {
        if (tester != null) {
            tester.close();
        }
    }

    private String verdict(byte[] frame) {
        return verdict(frame, Side.IN);
    }

    private String verdict(byte[] frame, Side side) {
        FunctionResult result = tester.feed(side, List.of(frame));
        assertArrayEquals(frame, result.packets().getFirst(), "a firewall changes nothing");
        return result.verdicts().getFirst();
    }

    private void pass(long seconds) {
        tester.advance(Duration.ofSeconds(seconds));
    }

    private static byte[] toServer(int flags) {
        return Frames.tcp(CLIENT, 40000, SERVER, 80, flags);
    }

    private static byte[] toClient(int flags) {
        return Frames.tcp(SERVER, 80, CLIENT, 40000, flags);
    }

    private void acceptConnectionsOfClient() {
        configure(stateful(Action.DROP, accept().source(CLIENT, CLIENT6).state(ConnectionState.NEW)));
    }

    private void openConnection() {
        assertEquals(FORWARDED, verdict(toServer(SYN)));
        assertEquals(FORWARDED, verdict(toClient(SYN | ACK)));
        assertEquals(FORWARDED, verdict(toServer(ACK)));
    }

    @Test
    void firstMatchingRuleDecides() {
        configure(stateless(
                Action.DROP,
                drop().protocol("udp").destination("192.0.2.1").destinationPort("53"),
                accept().protocol("udp").destination("192.0.2.0/24").destinationPort("50-60", "99")));
        assertEquals("rule", verdict(Frames.udp(CLIENT, 1, "192.0.2.1", 53, 4)));
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT, 1, "192.0.2.2", 53, 4)));
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT, 1, "192.0.2.1", 99, 4)));
        assertEquals("default-policy", verdict(Frames.udp(CLIENT, 1, "192.0.2.1", 61, 4)));
        assertEquals("default-policy", verdict(Frames.udp(CLIENT, 1, "192.0.3.1", 53, 4)));
        assertEquals("default-policy", verdict(Frames.tcp(CLIENT, 1, "192.0.2.2", 53, SYN)));
    }

    @Test
    void everyConditionCounts() {
        configure(stateless(
                Action.DROP,
                accept().protocol("tcp")
                        .from(Side.OUT)
                        .source("2001:db8::/48", "10.0.0.0/8")
                        .sourcePort("1000-2000")));
        assertEquals(FORWARDED, verdict(Frames.tcp(CLIENT, 1000, SERVER, 1, SYN), Side.OUT));
        assertEquals(FORWARDED, verdict(Frames.tcp(CLIENT6, 2000, SERVER6, 1, SYN), Side.OUT));
        assertEquals("default-policy", verdict(Frames.tcp(CLIENT, 1000, SERVER, 1, SYN), Side.IN));
        assertEquals("default-policy", verdict(Frames.tcp(CLIENT, 999, SERVER, 1, SYN), Side.OUT));
        assertEquals("default-policy", verdict(Frames.tcp(CLIENT6, 2001, SERVER6, 1, SYN), Side.OUT));
        assertEquals("default-policy", verdict(Frames.tcp("2001:db8:0:0:1::1", 1000, "::1", 1, 0), Side.IN));
        assertEquals("default-policy", verdict(Frames.tcp(SERVER6, 1000, CLIENT6, 1, SYN), Side.OUT));
    }

    @Test
    void addressesOfOneFamilyExcludeTheOther() {
        configure(stateless(Action.DROP, accept().source("0.0.0.0/0"), accept().destination("2001:db8:1::/64")));
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT, 1, SERVER, 1, 4)));
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT6, 1, SERVER6, 1, 4)));
        assertEquals("default-policy", verdict(Frames.udp(SERVER6, 1, CLIENT6, 1, 4)));
    }

    @Test
    void icmpTypesMatchTheirOwnVersionOnly() {
        configure(stateless(
                Action.DROP,
                accept().protocol("icmp").icmpType("8"),
                accept().protocol("icmpv6").icmpType("128", "133-136")));
        assertEquals(FORWARDED, verdict(Frames.icmp(CLIENT, SERVER, 8, 0, 1)));
        assertEquals("default-policy", verdict(Frames.icmp(CLIENT, SERVER, 0, 0, 1)));
        assertEquals(FORWARDED, verdict(Frames.icmp(CLIENT6, SERVER6, 128, 0, 1)));
        assertEquals(FORWARDED, verdict(Frames.icmp(CLIENT6, SERVER6, 135, 0, 1)));
        assertEquals("default-policy", verdict(Frames.icmp(CLIENT6, SERVER6, 137, 0, 1)));
        assertEquals("default-policy", verdict(Frames.ip(58, CLIENT, SERVER, new byte[] {(byte) 128, 0, 0, 0, 0, 0, 0, 0
        })));
    }

    @Test
    void protocolsByNumber() {
        configure(stateful(Action.DROP, accept().protocol("47").source(CLIENT)));
        assertEquals(FORWARDED, verdict(Frames.ip(47, CLIENT, SERVER, new byte[12])));
        assertEquals(FORWARDED, verdict(Frames.ip(47, SERVER, CLIENT, new byte[12])), "the answer");
        assertEquals("default-policy", verdict(Frames.ip(50, CLIENT, SERVER, new byte[12])));
    }

    @Test
    void whatIsNotIp() {
        byte[] arp = new byte[60];
        Frames.put16(arp, 12, 0x0806);
        configure(stateful(Action.DROP));
        assertEquals(FORWARDED, verdict(arp));
        FirewallConfig open = stateful(Action.ACCEPT);
        configure(new FirewallConfig(open.rules(), Action.ACCEPT, Action.DROP, true, true, 10, 10, open.timeouts()));
        assertEquals("non-ip", verdict(arp));
    }

    @Test
    void malformedPacketsAreDroppedBeforeAnyRule() {
        configure(stateless(Action.ACCEPT));
        byte[] udp = Frames.udp(CLIENT, 1, SERVER, 2, 20);
        assertEquals("malformed", verdict(Arrays.copyOf(udp, Frames.L4 + 4)), "total length beyond the frame");
        assertEquals("malformed", verdict(new byte[13]), "no Ethernet header");
        byte[] cut = Frames.fragments(Frames.tcp(CLIENT, 1, SERVER, 2, SYN), 8).getFirst();
        assertEquals("malformed", verdict(cut), "first fragment without the whole TCP header");
        byte[] version = udp.clone();
        version[Frames.L3] = 0x65;
        assertEquals("malformed", verdict(version));
    }

    @Test
    void tcpConnection() {
        acceptConnectionsOfClient();
        openConnection();
        assertEquals(FORWARDED, verdict(toClient(ACK)));
        assertEquals(FORWARDED, verdict(toServer(FIN | ACK)));
        assertEquals(FORWARDED, verdict(toClient(ACK)));
        assertEquals(FORWARDED, verdict(toClient(FIN | ACK)));
        assertEquals(FORWARDED, verdict(toServer(ACK)));
        pass(121);
        assertEquals("invalid-state", verdict(toClient(ACK | FIN)), "TIME_WAIT is over");
    }

    @Test
    void serverCannotBeginAConnection() {
        acceptConnectionsOfClient();
        assertEquals("default-policy", verdict(toClient(SYN)));
        assertEquals("invalid-state", verdict(toClient(SYN | ACK)));
        assertEquals("default-policy", verdict(toClient(ACK)), "would be picked up");
        assertEquals("invalid-state", verdict(toClient(RST)));
    }

    @Test
    void handshakeMustBeInOrder() {
        acceptConnectionsOfClient();
        assertEquals(FORWARDED, verdict(toServer(SYN)));
        assertEquals("invalid-state", verdict(toServer(ACK)), "before the answer");
        assertEquals("invalid-state", verdict(toServer(SYN | FIN)), "no such flags");
        assertEquals(FORWARDED, verdict(toServer(SYN)), "again");
        assertEquals(FORWARDED, verdict(toClient(SYN | ACK)));
        assertEquals(FORWARDED, verdict(toClient(SYN | ACK)), "again");
        assertEquals(FORWARDED, verdict(toServer(ACK)));
    }

    @Test
    void connectionCanBeReopenedAfterItsEnd() {
        acceptConnectionsOfClient();
        openConnection();
        assertEquals(FORWARDED, verdict(toClient(RST)));
        assertEquals(FORWARDED, verdict(toServer(SYN)));
        assertEquals("invalid-state", verdict(toServer(ACK)), "it is a new connection, not answered yet");
        assertEquals(FORWARDED, verdict(toClient(SYN | ACK)));
    }

    @Test
    void refusedConnectionIsForgotten() {
        acceptConnectionsOfClient();
        assertEquals(FORWARDED, verdict(toServer(SYN)));
        assertEquals(FORWARDED, verdict(toClient(RST | ACK)));
        assertEquals(0, firewall.report().get("flows"));
    }

    @Test
    void timeoutsOfTcp() {
        acceptConnectionsOfClient();
        verdict(toServer(SYN));
        pass(119);
        assertEquals(FORWARDED, verdict(toClient(SYN | ACK)));
        pass(61);
        assertEquals("invalid-state", verdict(toClient(SYN | ACK)), "SYN_RECEIVED is over");
        openConnection();
        pass(431_999);
        assertEquals(FORWARDED, verdict(toClient(ACK)));
        pass(432_001);
        assertEquals("default-policy", verdict(toClient(ACK)));
    }

    @Test
    void connectionsWhoseStartWasNotSeen() {
        acceptConnectionsOfClient();
        assertEquals(FORWARDED, verdict(toServer(ACK)), "picked up");
        assertEquals(FORWARDED, verdict(toClient(ACK)));
        FirewallConfig loose = stateful(Action.DROP, accept().state(ConnectionState.NEW));
        configure(new FirewallConfig(loose.rules(), Action.DROP, Action.ACCEPT, true, false, 10, 10, loose.timeouts()));
        assertEquals("invalid-state", verdict(toServer(ACK)));
    }

    @Test
    void udpFlow() {
        acceptConnectionsOfClient();
        byte[] query = Frames.udp(CLIENT, 5000, SERVER, 53, 10);
        byte[] answer = Frames.udp(SERVER, 53, CLIENT, 5000, 10);
        assertEquals("default-policy", verdict(answer));
        assertEquals(FORWARDED, verdict(query));
        pass(29);
        assertEquals(FORWARDED, verdict(answer));
        pass(119);
        assertEquals(FORWARDED, verdict(answer), "answered flows live longer");
        pass(121);
        assertEquals("default-policy", verdict(answer));
        verdict(query);
        pass(31);
        assertEquals("default-policy", verdict(answer), "unanswered flows live shorter");
    }

    @Test
    void pingsOfBothEndsAreDifferentFlows() {
        acceptConnectionsOfClient();
        assertEquals(FORWARDED, verdict(Frames.icmp(CLIENT, SERVER, 8, 0, 1)));
        assertEquals(FORWARDED, verdict(Frames.icmp(SERVER, CLIENT, 0, 0, 1)));
        assertEquals("default-policy", verdict(Frames.icmp(SERVER, CLIENT, 8, 0, 1)));
        assertEquals("invalid-state", verdict(Frames.icmp(SERVER, CLIENT, 0, 0, 2)));
        assertEquals("invalid-state", verdict(Frames.icmp(SERVER, CLIENT, 14, 0, 1)), "a timestamp is no echo");
        assertEquals(FORWARDED, verdict(Frames.icmp(CLIENT6, SERVER6, 128, 0, 1)));
        assertEquals(FORWARDED, verdict(Frames.icmp(SERVER6, CLIENT6, 129, 0, 1)));
        assertEquals("invalid-state", verdict(Frames.icmp(SERVER6, CLIENT6, 129, 0, 2)));
    }

    @Test
    void errorsPassIfTheyQuoteAFlow() {
        acceptConnectionsOfClient();
        byte[] query = Frames.udp(CLIENT, 5000, SERVER, 53, 100);
        byte[] error = Frames.error("198.51.100.9", CLIENT, 3, query, 28);
        assertEquals("invalid-state", verdict(error));
        verdict(query);
        assertEquals(FORWARDED, verdict(error));
        assertEquals(
                "invalid-state", verdict(Frames.error("198.51.100.9", "10.0.0.2", 3, query, 28)), "not its sender");
        byte[] other = Frames.udp(CLIENT, 5001, SERVER, 53, 100);
        assertEquals("invalid-state", verdict(Frames.error("198.51.100.9", CLIENT, 11, other, 28)));
        byte[] query6 = Frames.udp(CLIENT6, 5000, SERVER6, 53, 100);
        verdict(query6);
        assertEquals(FORWARDED, verdict(Frames.error("2001:db8:9::9", CLIENT6, 2, query6, 1200)));
        assertEquals("invalid-state", verdict(Frames.error(SERVER6, CLIENT6, 1, query6, 20)), "quotes too little");
    }

    @Test
    void neighbourDiscoveryIsUntracked() {
        configure(stateful(Action.DROP, accept().protocol("icmpv6").state(ConnectionState.UNTRACKED)));
        assertEquals(FORWARDED, verdict(Frames.icmp(CLIENT6, "ff02::1:ff00:1", 135, 0, 0)));
        assertEquals("default-policy", verdict(Frames.icmp(CLIENT6, SERVER6, 128, 0, 0)));
    }

    @Test
    void statesCanBeMatched() {
        configure(stateful(
                Action.ACCEPT,
                drop().state(ConnectionState.INVALID),
                accept().state(ConnectionState.ESTABLISHED, ConnectionState.RELATED)));
        assertEquals("rule", verdict(toClient(SYN | ACK)));
        assertEquals(FORWARDED, verdict(toServer(SYN)));
        assertEquals(FORWARDED, verdict(toClient(SYN | ACK)));
    }

    @Test
    void laterFragmentsShareTheFateOfTheFirst() {
        configure(stateful(Action.DROP, accept().protocol("udp").destinationPort("53")));
        List<byte[]> good = Frames.fragments(Frames.udp(CLIENT, 1, SERVER, 53, 100), 48);
        assertEquals("fragment-unknown", verdict(good.get(1)));
        for (byte[] fragment : good) {
            assertEquals(FORWARDED, verdict(fragment));
        }
        List<byte[]> bad = Frames.fragments(Frames.udp(CLIENT, 1, SERVER, 54, 100), 48);
        for (byte[] fragment : bad) {
            assertEquals("default-policy", verdict(fragment));
        }
        pass(31);
        assertEquals("fragment-unknown", verdict(good.get(1)));
    }

    @Test
    void fragmentsOfIpv6() {
        configure(stateful(Action.DROP, accept().protocol("udp").destinationPort("53")));
        List<byte[]> one = Frames.fragmentsIpv6(Frames.udp(CLIENT6, 1, SERVER6, 53, 100), 48, 0x10001);
        List<byte[]> other = Frames.fragmentsIpv6(Frames.udp(CLIENT6, 1, SERVER6, 53, 100), 48, 0x20001);
        assertEquals(FORWARDED, verdict(one.get(0)));
        assertEquals(FORWARDED, verdict(one.get(1)));
        assertEquals("fragment-unknown", verdict(other.get(1)));
    }

    @Test
    void fullTableDropsNewFlowsOnly() {
        configure(RuleBuilder.config(Action.ACCEPT, true, 2));
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT, 1, SERVER, 1, 4)));
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT, 2, SERVER, 1, 4)));
        assertEquals("table-full", verdict(Frames.udp(CLIENT, 3, SERVER, 1, 4)));
        assertEquals(FORWARDED, verdict(Frames.udp(SERVER, 1, CLIENT, 1, 4)));
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT, 2, SERVER, 1, 4)));
        pass(31);
        assertEquals(FORWARDED, verdict(Frames.udp(CLIENT, 3, SERVER, 1, 4)));
    }

    @Test
    void reportCountsHits() {
        configure(stateful(
                Action.DROP, accept().name("dns").protocol("udp").destinationPort("53"), drop().protocol("udp")));
        verdict(Frames.udp(CLIENT, 1, SERVER, 53, 4));
        verdict(Frames.udp(CLIENT, 1, SERVER, 53, 4));
        verdict(Frames.udp(SERVER, 53, CLIENT, 1, 4));
        verdict(Frames.udp(CLIENT, 1, SERVER, 54, 4));
        verdict(Frames.tcp(CLIENT, 1, SERVER, 54, SYN));
        assertEquals(
                Map.of(
                        "flows",
                        1,
                        "established-or-related",
                        1L,
                        "rules",
                        List.of(Map.of("rule", "dns", "hits", 2L), Map.of("rule", "#1", "hits", 1L)),
                        "default-hits",
                        1L),
                firewall.report());
    }

    @Test
    void contradictionsAreRefused() {
        refused("rules[0].protocol", stateful(Action.DROP, accept().destinationPort("80")));
        refused(
                "rules[1].protocol",
                stateful(Action.DROP, accept(), accept().protocol("tcp").icmpType("8")));
        refused(
                "rules[0].icmp-type",
                stateful(Action.DROP, accept().protocol("icmp").icmpType("8-256")));
        refused("rules[0].state", stateless(Action.DROP, accept().state(ConnectionState.NEW)));
    }

    private static void refused(String field, FirewallConfig config) {
        assertEquals(
                field,
                assertThrows(ConfigurationException.class, () -> new Firewall(config))
                        .field());
    }

    @Test
    void protocolsAreReadByNameAndNumber() {
        assertEquals(6, Protocol.parse("tcp").number());
        assertEquals("udp", Protocol.of(17).toString());
        assertEquals("132", Protocol.parse("132").toString());
        assertThrows(IllegalArgumentException.class, () -> Protocol.parse("256"));
        assertThrows(IllegalArgumentException.class, () -> Protocol.parse("TCP"));
        assertThrows(IllegalArgumentException.class, () -> Protocol.of(-1));
    }
}
