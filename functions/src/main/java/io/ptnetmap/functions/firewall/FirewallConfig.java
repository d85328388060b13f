// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;

/** Configuration of a {@link Firewall}. */
@Introspected
public record FirewallConfig(
        @JsonPropertyDescription("Rules, in order: the first that matches decides.") @Valid
        List<FirewallRule> rules,

        @JsonProperty(value = "default", defaultValue = "drop")
        @JsonPropertyDescription("What to do with IP packets that no rule matches: accept or drop.")
        Action defaultAction,

        @JsonProperty(defaultValue = "accept")
        @JsonPropertyDescription("What to do with packets that are not IP, such as ARP: accept or drop.")
        Action nonIp,

        @JsonProperty(defaultValue = "true")
        @JsonPropertyDescription("Track connections, and accept what belongs to an accepted one before any rule.")
        boolean stateful,

        @JsonProperty(defaultValue = "true")
        @JsonPropertyDescription("Let the middle of a TCP connection, whose start was not seen, begin a flow.")
        boolean tcpPickup,

        @JsonProperty(defaultValue = "262144")
        @JsonPropertyDescription("Most flows tracked at a time; packets that would begin another one are dropped.")
        @Min(1)
        @Max(1 << 26)
        int maxFlows,

        @JsonProperty(defaultValue = "4096")
        @JsonPropertyDescription("Most fragmented datagrams followed at a time.")
        @Min(1)
        @Max(1 << 20)
        int maxFragmentedDatagrams,

        @JsonPropertyDescription("How long flows are remembered after their last packet.") @Valid
        FirewallTimeouts timeouts) {}
