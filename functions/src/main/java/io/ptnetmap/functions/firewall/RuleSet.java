// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.packet.IpAddress;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.Ipv4Address;
import io.ptnetmap.nfv.api.packet.Ipv6Address;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.util.List;

/** The configured rules, checked and compiled for matching. */
final class RuleSet {
    /** Returned by {@link #find} where no rule matches. */
    static final int NONE = RuleRows.NONE;

    private static final int MAX_ROWS = 1 << 20;
    private static final int MAX_ICMP_TYPE = 255;
    private static final int ANY_STATE = -1;

    private final RuleRows ipv4 = new RuleRows(Subject.IPV4_WORDS);
    private final RuleRows ipv6 = new RuleRows(Subject.IPV6_WORDS);

    RuleSet(List<FirewallRule> rules, boolean stateful) {
        for (int i = 0; i < rules.size(); i++) {
            String path = "rules[" + i + "]";
            check(rules.get(i), path, stateful);
            compile(rules.get(i), i);
            if (ipv4.count() + ipv6.count() > MAX_ROWS) {
                throw new ConfigurationException(
                        path,
                        "more than " + MAX_ROWS + " combinations of addresses and ports; write fewer or wider ones");
            }
        }
    }

    /** Number of the first rule that matches, or {@link #NONE}. */
    int find(Subject subject) {
        return (subject.addressWords == Subject.IPV4_WORDS ? ipv4 : ipv6).find(subject);
    }

    private static void check(FirewallRule rule, String path, boolean stateful) {
        Protocol protocol = rule.protocol();
        boolean ports = !rule.sourcePort().isEmpty() || !rule.destinationPort().isEmpty();
        if (ports && !protocol.hasPorts()) {
            throw new ConfigurationException(
                    path + ".protocol", "only tcp and udp have ports, not " + protocol + "; add protocol: tcp or udp");
        }
        if (!rule.icmpType().isEmpty() && !protocol.isIcmp()) {
            throw new ConfigurationException(
                    path + ".protocol",
                    "only icmp and icmpv6 have types, not " + protocol + "; add protocol: icmp or icmpv6");
        }
        if (rule.icmpType().stream().anyMatch(range -> range.last() > MAX_ICMP_TYPE)) {
            throw new ConfigurationException(path + ".icmp-type", "types are 0 to " + MAX_ICMP_TYPE);
        }
        if (!stateful && !rule.state().isEmpty()) {
            throw new ConfigurationException(
                    path + ".state", "needs connection tracking; remove it, or write stateful: true");
        }
    }

    /** Adds one row for each combination of addresses and ports. */
    private void compile(FirewallRule rule, int number) {
        for (IpPrefix source : orAll(rule.source())) {
            for (IpPrefix destination : orAll(rule.destination())) {
                if (source.isIpv4() == destination.isIpv4()) {
                    addRows(rule, number, source, destination);
                }
            }
        }
    }

    private static List<IpPrefix> orAll(List<IpPrefix> prefixes) {
        return prefixes.isEmpty() ? List.of(IpPrefix.ALL_IPV4, IpPrefix.ALL_IPV6) : prefixes;
    }

    private static List<PortRange> orAllPorts(List<PortRange> ranges) {
        return ranges.isEmpty() ? List.of(PortRange.ALL) : ranges;
    }

    private void addRows(FirewallRule rule, int number, IpPrefix source, IpPrefix destination) {
        RuleRows rows = source.isIpv4() ? ipv4 : ipv6;
        long[] values = values(source.address(), destination.address());
        long[] masks = masks(source, destination);
        for (PortRange sourcePort : orAllPorts(rule.icmpType().isEmpty() ? rule.sourcePort() : rule.icmpType())) {
            for (PortRange destinationPort : orAllPorts(rule.destinationPort())) {
                rows.add(values, masks, traits(rule), ports(sourcePort, destinationPort), states(rule), number);
            }
        }
    }

    private static long[] values(IpAddress source, IpAddress destination) {
        if (source instanceof Ipv6Address from && destination instanceof Ipv6Address to) {
            return new long[] {from.high(), from.low(), to.high(), to.low()};
        }
        return new long[] {Subject.pair(((Ipv4Address) source).value(), ((Ipv4Address) destination).value())};
    }

    private static long[] masks(IpPrefix source, IpPrefix destination) {
        return source.isIpv4()
                ? new long[] {Subject.pair(source.ipv4Mask(), destination.ipv4Mask())}
                : new long[] {source.highMask(), source.lowMask(), destination.highMask(), destination.lowMask()};
    }

    /** Protocol and side: the value to compare above the mask. */
    private static long traits(FirewallRule rule) {
        int protocolMask = rule.protocol().isAny() ? 0 : Subject.PROTOCOL_MASK;
        int sideMask = rule.from().isEmpty() ? 0 : Subject.SIDE_MASK;
        int value = Subject.traits(rule.protocol().number(), rule.from().orElse(Side.IN));
        int mask = protocolMask | sideMask;
        return (long) (value & mask) << 32 | mask;
    }

    private static long ports(PortRange source, PortRange destination) {
        return (long) source.first() << 48
                | (long) source.last() << 32
                | (long) destination.first() << 16
                | destination.last();
    }

    private static int states(FirewallRule rule) {
        return rule.state().isEmpty()
                ? ANY_STATE
                : rule.state().stream().mapToInt(ConnectionState::bit).reduce(0, (a, b) -> a | b);
    }
}
