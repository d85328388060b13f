// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import io.ptnetmap.nfv.api.packet.IpPrefix;
import io.ptnetmap.nfv.api.packet.MacAddress;
import io.ptnetmap.nfv.api.packet.PortRange;
import java.util.Optional;

/** Configurations with all but a few fields at their defaults. */
public final class GeneratorConfigs {
    private GeneratorConfigs() {}

    public static GeneratorConfig of(String size, int flows, TransportProtocol protocol, int ipVersion) {
        return of(0, 0, size, flows, protocol, ipVersion, 0);
    }

    public static GeneratorConfig of(
            long rate, long count, String size, int flows, TransportProtocol protocol, int ipVersion, int id) {
        return new GeneratorConfig(
                rate,
                count,
                PacketSizes.parse(size),
                flows,
                protocol,
                ipVersion,
                Optional.empty(),
                Optional.empty(),
                PortRange.parse("1024-65535"),
                PortRange.of(9),
                MacAddress.parse("02:00:00:00:00:01"),
                MacAddress.parse("02:00:00:00:00:02"),
                id,
                false);
    }

    public static GeneratorConfig between(
            String source, String destination, String sourcePort, String destinationPort, int flows) {
        IpPrefix from = IpPrefix.parse(source);
        return new GeneratorConfig(
                0,
                0,
                PacketSizes.of(128),
                flows,
                TransportProtocol.UDP,
                from.isIpv4() ? 4 : 6,
                Optional.of(from),
                Optional.of(IpPrefix.parse(destination)),
                PortRange.parse(sourcePort),
                PortRange.parse(destinationPort),
                MacAddress.parse("02:00:00:00:00:01"),
                MacAddress.parse("02:00:00:00:00:02"),
                0,
                false);
    }

    /** The same configuration, with buffer indexes in the packets. */
    public static GeneratorConfig withBufferIndex(GeneratorConfig config) {
        return new GeneratorConfig(
                config.rate(),
                config.count(),
                config.size(),
                config.flows(),
                config.protocol(),
                config.ipVersion(),
                config.source(),
                config.destination(),
                config.sourcePort(),
                config.destinationPort(),
                config.sourceMac(),
                config.destinationMac(),
                config.id(),
                true);
    }
}
