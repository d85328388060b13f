// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import java.util.Locale;

/** What totals are kept by. */
enum Category {
    TCP,
    UDP,
    ICMP,
    ICMPV6,
    OTHER_IP,
    ARP,
    OTHER,
    MALFORMED;

    /** The category of a packet, parsed. */
    static Category of(Headers headers) {
        if (headers.malformed()) {
            return MALFORMED;
        }
        if (!headers.isIp()) {
            return headers.isArp() ? ARP : OTHER;
        }
        return switch (headers.protocol()) {
            case IpProtocol.TCP -> TCP;
            case IpProtocol.UDP -> UDP;
            case IpProtocol.ICMP -> ICMP;
            case IpProtocol.ICMPV6 -> ICMPV6;
            default -> OTHER_IP;
        };
    }

    /** Lower case with dashes. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
