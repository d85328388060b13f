// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.packet.IpAddress;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.PortRange;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.Size;
import java.util.List;

/** Configuration of a {@link Nat44}. */
@Introspected
public record Nat44Config(
        @JsonPropertyDescription("IPv4 prefixes whose addresses are translated, such as 10.0.0.0/8.") @NotEmpty
        List<IpPrefix> inside,

        @JsonPropertyDescription("IPv4 addresses that stand for them outside; each takes 1.6 MiB of memory.")
        @NotEmpty
        @Size(max = 256)
        List<IpAddress> external,

        @JsonProperty(defaultValue = "1024-65535")
        @JsonPropertyDescription("External TCP and UDP ports to use; ICMP identifiers are not restricted.")
        PortRange portRange,

        @JsonProperty(defaultValue = "65536")
        @JsonPropertyDescription("Most inside endpoints (address, protocol, port) translated at a time.")
        @Min(1)
        @Max(1 << 24)
        int maxBindings,

        @JsonProperty(defaultValue = "262144")
        @JsonPropertyDescription("Most sessions (inside endpoint with one outside endpoint) at a time.")
        @Min(1)
        @Max(1 << 26)
        int maxSessions,

        @JsonProperty(defaultValue = "4096")
        @JsonPropertyDescription("Most fragmented datagrams followed at a time.")
        @Min(1)
        @Max(1 << 20)
        int maxFragmentedDatagrams,

        @JsonProperty(defaultValue = "address-and-port-dependent")
        @JsonPropertyDescription(
                "Who may send to a binding: address-and-port-dependent (only endpoints it has sent to),"
                        + " address-dependent (only addresses it has sent to) or endpoint-independent (all).")
        Filtering filtering,

        @JsonProperty(defaultValue = "true")
        @JsonPropertyDescription(
                "Turn packets from inside to an external address round to the inside host it stands for.")
        boolean hairpinning,

        @JsonProperty(defaultValue = "pass")
        @JsonPropertyDescription("IPv4 packets neither from inside nor to an external address: pass or drop.")
        Unmatched unmatched,

        @JsonPropertyDescription("How long sessions are remembered after their last packet.") @Valid
        Nat44Timeouts timeouts) {}
