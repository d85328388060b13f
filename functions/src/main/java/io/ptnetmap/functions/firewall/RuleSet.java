// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.util.List;

/** The configured rules, checked and compiled for matching. */
final class RuleSet {
    /** Returned by {@link #find} where no rule matches. */
    static final int NONE = RuleRows.NONE;

    private static final int MAX_ROWS = 1 << 20;
    private static final int MAX_ICMP_TYPE = 255;
    private static final int ANY_STATE = -1;
    private static final long ALL_PORTS = 0xffffL;
    private static final long PROTOCOL_MASK = 0x1fe;
    private static final long SIDE_MASK = 1;

    private final RuleRows ipv4 = new RuleRows(Subject.IPV4_WORDS);
    private final RuleRows ipv6 = new RuleRows(Subject.IPV6_WORDS);

    RuleSet(List<FirewallRule> rules, boolean stateful) {
        for (int i = 0; i < rules.size(); i++) {
            String path = "rules[" + i + "]";
            check(rules.get(i), path, stateful);
            compile(rules.get(i), i);
            if (ipv4.count() + ipv6.count() > MAX_ROWS) {
                throw new ConfigurationException(
                        path, "more than " + MAX_ROWS + " combinations of addresses and ports; write fewer or wider ones");
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
                    path + ".protocol", "only icmp and icmpv6 have types, not " + protocol + "; add protocol: icmp or icmpv6");
        }
        if (rule.icmpType().stream().anyMatch(range -> range.last() > MAX_ICMP_TYPE)) {
            throw new ConfigurationException(path + ".icmp-type", "types are 0 to " + MAX_ICMP_TYPE);
        }
        if (!stateful && !rule.state().isEmpty()) {
            throw new ConfigurationException(
                    path + ".state", "needs connection tracking; remove it, or write stateful: true");
        }
    }

    private void compile(FirewallRule rule, int number) {
        for (IpPrefix source : anyIfEmpty(rule.source(), rule.destination())) {
            for (IpPrefix destination : anyIfEmpty(rule.destination(), List.of(source))) {
                if (source.isIpv4() == destination.isIpv4()) {
                    addRows(rule, number, source, destination);
                }
            }
        }
    }

    /** The prefixes, or the widest ones of the families that the prefixes of the other end leave possible. */
    private static List<IpPrefix> anyIfEmpty(List<IpPrefix> prefixes, List<IpPrefix> otherEnd) {
        if (!prefixes.isEmpty()) {
            return prefixes;
        }
        return List.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0"));
    }

    private void addRows(FirewallRule rule, int number, IpPrefix source, IpPrefix destination) {
        RuleRows rows = source.isIpv4() ? ipv4 : ipv6;
        long[] values = words(source.address().high(), source.address().low(), destination);
        long[] masks = null;
        // An ICMP message's type stands where the source port of others does.
        for (PortRange sourcePort : rule.sourcePort()) {
        }
    }
}
