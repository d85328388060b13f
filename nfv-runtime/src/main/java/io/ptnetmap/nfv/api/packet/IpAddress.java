// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import com.fasterxml.jackson.annotation.JsonCreator;

/** An IPv4 or IPv6 address, as people write it. */
public sealed interface IpAddress permits Ipv4Address, Ipv6Address {
    /** Parses an address of either version. Never asks a name server. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static IpAddress parse(String text) {
        return text.indexOf(':') < 0 ? Ipv4Address.parse(text) : Ipv6Address.parse(text);
    }

    /** Bits of an address of this version: 32 or 128. */
    int bits();
}
