// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Frames;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpAddress;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The compiled rules find what a reading of the configured ones, one after the other, finds. */
class RuleSetTest {
    private static final List<String> PREFIXES = List.of(
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.2.3",
            "0.0.0.0/0",
            "128.0.0.0/1",
            "::/0",
            "2001:db8::/32",
            "2001:db8:0:0:8000::/65",
            "2001:db8::1/128");
    private static final List<String> ADDRESSES4 = List.of("10.0.0.1", "10.1.2.3", "10.1.9.9", "192.0.2.1");
    private static final List<String> ADDRESSES6 =
            List.of("2001:db8::1", "2001:db8::8000:0:0:1", "2001:db8:1::1", "fe80::1");
    private static final List<String> RANGES = List.of("0-65535", "80", "1024-2047", "2000-2001", "65535");

    private static final TestBatch BATCH = new TestBatch();

    private record Datagram(
            boolean tcp, Side side, String source, String destination, int sourcePort, int destinationPort) {}

    @Provide
    Arbitrary<List<FirewallRule>> rules() {
        Arbitrary<String[]> prefixes =
                Arbitraries.of(PREFIXES).array(String[].class).ofMaxSize(3);
        Arbitrary<String[]> ranges =
                Arbitraries.of(RANGES).array(String[].class).ofMaxSize(2);
        Arbitrary<ConnectionState[]> states = Arbitraries.of(ConnectionState.class)
                .array(ConnectionState[].class)
                .ofMaxSize(2);
        Arbitrary<Side> sides = Arbitraries.of(Side.class).injectNull(0.7);
        return Combinators.combine(
                        Arbitraries.of("tcp", "udp", "any", "17"), sides, prefixes, prefixes, ranges, ranges, states)
                .as(RuleSetTest::rule)
                .list()
                .ofMaxSize(8);
    }

    private static FirewallRule rule(
            String protocol,
            Side side,
            String[] from,
            String[] to,
            String[] fromPorts,
            String[] toPorts,
            ConnectionState[] states) {
        RuleBuilder rule = RuleBuilder.accept()
                .protocol(protocol)
                .source(from)
                .destination(to)
                .state(states);
        if (side != null) {
            rule.from(side);
        }
        return protocol.equals("any")
                ? rule.build()
                : rule.sourcePort(fromPorts).destinationPort(toPorts).build();
    }

    @Provide
    Arbitrary<Datagram> datagrams() {
        return Arbitraries.of(ADDRESSES4, ADDRESSES6)
                .flatMap(family -> Combinators.combine(
                                Arbitraries.of(true, false),
                                Arbitraries.of(Side.class),
                                Arbitraries.of(family),
                                Arbitraries.of(family),
                                Arbitraries.of(80, 1024, 2001, 65535),
                                Arbitraries.of(0, 80, 2047, 2048))
                        .as(Datagram::new));
    }

    @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
    void compiledRulesMatchAsConfigured(
            @ForAll("rules") List<FirewallRule> rules,
            @ForAll("datagrams") Datagram datagram,
            @ForAll ConnectionState state) {
        Subject subject = subject(datagram);
        subject.state = state;
        int expected = IntStream.range(0, rules.size())
                .filter(i -> matches(rules.get(i), datagram, state))
                .findFirst()
                .orElse(RuleSet.NONE);
        assertEquals(expected, new RuleSet(rules, true).find(subject));
    }

    private static Subject subject(Datagram datagram) {
        byte[] frame = datagram.tcp()
                ? Frames.tcp(
                        datagram.source(), datagram.sourcePort(), datagram.destination(), datagram.destinationPort(), 2)
                : Frames.udp(
                        datagram.source(),
                        datagram.sourcePort(),
                        datagram.destination(),
                        datagram.destinationPort(),
                        2);
        Headers headers = new Headers();
        assertTrue(headers.parse(BATCH.clear(Side.IN).add(frame).packet(0)));
        Subject subject = new Subject();
        subject.fill(headers, datagram.side());
        return subject;
    }

    private static boolean matches(FirewallRule rule, Datagram datagram, ConnectionState state) {
        return (rule.protocol().isAny() || rule.protocol().number() == (datagram.tcp() ? 6 : 17))
                && (rule.from().isEmpty() || rule.from().get() == datagram.side())
                && holds(rule.source(), datagram.source())
                && holds(rule.destination(), datagram.destination())
                && holds(rule.sourcePort(), datagram.sourcePort())
                && holds(rule.destinationPort(), datagram.destinationPort())
                && (rule.state().isEmpty() || rule.state().contains(state));
    }

    private static boolean holds(List<IpPrefix> prefixes, String address) {
        IpAddress parsed = IpAddress.parse(address);
        return prefixes.isEmpty() || prefixes.stream().anyMatch(prefix -> prefix.contains(parsed));
    }

    private static boolean holds(List<PortRange> ranges, int port) {
        return ranges.isEmpty() || ranges.stream().anyMatch(range -> range.contains(port));
    }
}
