// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import java.time.Duration;

/** How long sessions are remembered after their last packet. A binding lives as long as one of its sessions. */
@Introspected
public record Nat44Timeouts(
        @JsonProperty(defaultValue = "300s") @JsonPropertyDescription("UDP; at least 2 minutes by RFC 4787.")
        Duration udp,

        @JsonProperty(defaultValue = "2h4m")
        @JsonPropertyDescription("TCP, open connection; at least 2 hours 4 minutes by RFC 5382.")
        Duration tcpEstablished,

        @JsonProperty(defaultValue = "4m")
        @JsonPropertyDescription("TCP, connection that opens or closes; at least 4 minutes by RFC 5382.")
        Duration tcpTransitory,

        @JsonProperty(defaultValue = "60s") @JsonPropertyDescription("ICMP queries; at least 60 seconds by RFC 5508.")
        Duration icmp,

        @JsonProperty(defaultValue = "30s")
        @JsonPropertyDescription("The translation of a datagram whose fragments are still coming.")
        Duration fragment) {}
