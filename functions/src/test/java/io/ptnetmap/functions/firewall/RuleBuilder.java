// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Builds rules and configurations for tests. */
final class RuleBuilder {
    private final Action action;
    private Optional<String> name = Optional.empty();
    private Protocol protocol = Protocol.ANY;
    private Optional<Side> from = Optional.empty();
    private List<IpPrefix> source = List.of();
    private List<IpPrefix> destination = List.of();
    private List<PortRange> sourcePort = List.of();
    private List<PortRange> destinationPort = List.of();
    private List<PortRange> icmpType = List.of();
    private List<ConnectionState> state = List.of();

    private RuleBuilder(Action action) {
        this.action = action;
    }

    static RuleBuilder accept() {
        return new RuleBuilder(Action.ACCEPT);
    }

    static RuleBuilder drop() {
        return new RuleBuilder(Action.DROP);
    }

    RuleBuilder name(String name) {
        this.name = Optional.of(name);
        return this;
    }

    RuleBuilder protocol(String protocol) {
        this.protocol = Protocol.parse(protocol);
        return this;
    }

    RuleBuilder from(Side side) {
        from = Optional.of(side);
        return this;
    }

    RuleBuilder source(String... prefixes) {
        source = prefixes(prefixes);
        return this;
    }

    RuleBuilder destination(String... prefixes) {
        destination = prefixes(prefixes);
        return this;
    }

    RuleBuilder sourcePort(String... ranges) {
        sourcePort = ranges(ranges);
        return this;
    }

    RuleBuilder destinationPort(String... ranges) {
        destinationPort = ranges(ranges);
        return this;
    }

    RuleBuilder icmpType(String... ranges) {
        icmpType = ranges(ranges);
        return this;
    }

    RuleBuilder state(ConnectionState... states) {
        state = List.of(states);
        return this;
    }

    FirewallRule build() {
        return new FirewallRule(
                action, name, protocol, from, source, destination, sourcePort, destinationPort, icmpType, state);
    }

    private static List<IpPrefix> prefixes(String... texts) {
        return Arrays.stream(texts).map(IpPrefix::parse).toList();
    }

    private static List<PortRange> ranges(String... texts) {
        return Arrays.stream(texts).map(PortRange::parse).toList();
    }

    static FirewallConfig stateful(Action defaultAction, RuleBuilder... rules) {
        return config(defaultAction, true, 1000, rules);
    }

    static FirewallConfig stateless(Action defaultAction, RuleBuilder... rules) {
        return config(defaultAction, false, 1000, rules);
    }

    static FirewallConfig config(Action defaultAction, boolean stateful, int maxFlows, RuleBuilder... rules) {
        List<FirewallRule> built = Arrays.stream(rules).map(RuleBuilder::build).toList();
        return new FirewallConfig(built, defaultAction, Action.ACCEPT, stateful, true, maxFlows, 100, timeouts());
    }

    private static FirewallTimeouts timeouts() {
        return new FirewallTimeouts(
                Duration.ofSeconds(120),
                Duration.ofSeconds(60),
                Duration.ofHours(120),
                Duration.ofSeconds(120),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofSeconds(30),
                Duration.ofSeconds(600),
                Duration.ofSeconds(30));
    }
}
