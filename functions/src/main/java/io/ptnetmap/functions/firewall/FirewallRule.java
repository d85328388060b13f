// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.util.List;
import java.util.Optional;

/**
 * One rule of a firewall. A packet matches if every given condition holds; a condition with several values holds if one of
 * them does.
 *
 * <p>Without addresses a rule is about IPv4 and IPv6, with addresses of one family about that one.
 */
@Introspected
public record FirewallRule(
        @JsonPropertyDescription("What to do with packets that match: accept or drop.")
        Action action,

        @JsonPropertyDescription("The rule's name in reports.")
        Optional<String> name,

        @JsonProperty(defaultValue = "any")
        @JsonPropertyDescription("Transport protocol: tcp, udp, icmp, icmpv6, any, or an IANA number.")
        Protocol protocol,

        @JsonPropertyDescription("Side where the packet came in: in (the chain's beginning) or out (its end).")
        Optional<Side> from,

        @JsonPropertyDescription("Source addresses: prefixes such as 10.0.0.0/8 or 2001:db8::/32.")
        List<IpPrefix> source,

        @JsonPropertyDescription("Destination addresses: prefixes such as 10.0.0.0/8 or 2001:db8::/32.")
        List<IpPrefix> destination,

        @JsonPropertyDescription("Source ports, of tcp and udp: numbers or ranges such as 1024-65535.")
        List<PortRange> sourcePort,

        @JsonPropertyDescription("Destination ports, of tcp and udp: numbers or ranges such as 1024-65535.")
        List<PortRange> destinationPort,

        @JsonPropertyDescription("Message types, of icmp and icmpv6: numbers or ranges such as 133-136.")
        List<PortRange> icmpType,

        @JsonPropertyDescription("States of connection tracking: new, established, related, invalid, untracked.")
        List<ConnectionState> state) {}
