// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import java.time.Duration;

/** How long flows are remembered after their last packet. The defaults are those of Linux's connection tracking. */
@Introspected
public record FirewallTimeouts(
        @JsonProperty(defaultValue = "120s") @JsonPropertyDescription("TCP, after a SYN that was not answered.")
        Duration tcpSynSent,

        @JsonProperty(defaultValue = "60s") @JsonPropertyDescription("TCP, after a SYN was answered.")
        Duration tcpSynReceived,

        @JsonProperty(defaultValue = "120h") @JsonPropertyDescription("TCP, open connection.")
        Duration tcpEstablished,

        @JsonProperty(defaultValue = "120s") @JsonPropertyDescription("TCP, after the first FIN.")
        Duration tcpFinWait,

        @JsonProperty(defaultValue = "60s") @JsonPropertyDescription("TCP, after the first FIN was acknowledged.")
        Duration tcpCloseWait,

        @JsonProperty(defaultValue = "30s") @JsonPropertyDescription("TCP, after the second FIN.")
        Duration tcpLastAck,

        @JsonProperty(defaultValue = "120s") @JsonPropertyDescription("TCP, after the second FIN was acknowledged.")
        Duration tcpTimeWait,

        @JsonProperty(defaultValue = "10s") @JsonPropertyDescription("TCP, after an RST.")
        Duration tcpClosed,

        @JsonProperty(defaultValue = "30s") @JsonPropertyDescription("UDP, not answered yet.")
        Duration udp,

        @JsonProperty(defaultValue = "120s") @JsonPropertyDescription("UDP, with packets in both directions.")
        Duration udpReplied,

        @JsonProperty(defaultValue = "30s") @JsonPropertyDescription("ICMP and ICMPv6 queries.")
        Duration icmp,

        @JsonProperty(defaultValue = "600s") @JsonPropertyDescription("Flows of every other protocol.")
        Duration other,

        @JsonProperty(defaultValue = "30s")
        @JsonPropertyDescription("The verdict on a datagram whose fragments are still coming.")
        Duration fragment) {}
