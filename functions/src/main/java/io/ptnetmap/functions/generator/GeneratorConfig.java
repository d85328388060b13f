// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.micronaut.core.annotation.Introspected;
import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.MacAddress;
import io.ptnetmap.nfv.api.packet.PortRange;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.util.Optional;

/** Configuration of a {@link Generator}. */
@Introspected
public record GeneratorConfig(
        @JsonProperty(defaultValue = "0")
        @JsonPropertyDescription("Packets per second; 0 = as fast as possible.")
        @Min(0)
        long rate,

        @JsonProperty(defaultValue = "0") @JsonPropertyDescription("Packets after which to stop; 0 = none.") @Min(0)
        long count,

        @JsonProperty(defaultValue = "60")
        @JsonPropertyDescription(
                "Bytes of a packet without the Ethernet checksum: one size, a range such as 60-1514, or imix.")
        @NotNull
        PacketSizes size,

        @JsonProperty(defaultValue = "1")
        @JsonPropertyDescription("Distinct flows (addresses, ports) to take turns with.")
        @Min(1)
        @Max(1 << 20)
        int flows,

        @JsonProperty(defaultValue = "udp") @JsonPropertyDescription("Transport protocol: udp or tcp.") @NotNull
        TransportProtocol protocol,

        @JsonProperty(defaultValue = "4") @JsonPropertyDescription("IP version: 4 or 6.") @Min(4) @Max(6)
        int ipVersion,

        @JsonPropertyDescription(
                "Source addresses; a part of the benchmarking range of RFC 2544 or RFC 5180 if not given.")
        Optional<IpPrefix> source,

        @JsonPropertyDescription("Destination addresses; another part of the benchmarking range if not given.")
        Optional<IpPrefix> destination,

        @JsonProperty(defaultValue = "1024-65535") @JsonPropertyDescription("Source port or ports.") @NotNull
        PortRange sourcePort,

        @JsonProperty(defaultValue = "9") @JsonPropertyDescription("Destination port or ports.") @NotNull
        PortRange destinationPort,

        @JsonProperty(defaultValue = "02:00:00:00:00:01") @JsonPropertyDescription("Source MAC address.") @NotNull
        MacAddress sourceMac,

        @JsonProperty(defaultValue = "02:00:00:00:00:02") @JsonPropertyDescription("Destination MAC address.") @NotNull
        MacAddress destinationMac,

        @JsonProperty(defaultValue = "0")
        @JsonPropertyDescription("Tells the generators of a chain apart at its sinks.")
        @Min(0)
        @Max(Probe.IDS - 1)
        int id,

        @JsonProperty(defaultValue = "false")
        @JsonPropertyDescription(
                "Write into each packet which buffer it lies in, so that a sink can tell whether it has been copied.")
        boolean bufferIndex) {}
