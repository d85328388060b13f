// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.abi.PortSpec;
import io.ptnetmap.adapter.AdapterSpec;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Crossing.Kind;
import io.ptnetmap.nfv.chain.Crossing.Transfer;

/** How packets come and go by a port at an end of a chain, as far as its specification tells. */
final class PortCrossing {
    private PortCrossing() {}

    /** @param region of the chain that the port's neighbour lies in */
    static Crossing of(Node node, int region) {
        String text = node.port();
        try {
            return AdapterSpec.matches(text) ? adapter(AdapterSpec.parse(text)) : port(PortSpec.parse(text), region);
        } catch (IllegalArgumentException malformed) {
            return crossing(Transfer.DRIVER, malformed.getMessage());
        }
    }

    private static Crossing adapter(AdapterSpec spec) {
        return switch (spec.kind()) {
            case PCAP -> crossing(Transfer.COPY, "packets are copied from or to a capture file");
            case TAP -> crossing(Transfer.COPY, "the kernel copies packets of its network stack");
            case NULL, SCRATCH -> crossing(Transfer.ZERO_COPY, "nothing is at the other end");
        };
    }

    private static Crossing port(PortSpec spec, int region) {
        if (spec.isSwitchPort()) {
            return crossing(Transfer.COPY, "a switch's port, which has a region of its own: the switch copies");
        }
        if (spec.memId() > 0 && spec.memId() != region) {
            return crossing(
                    Transfer.COPY, "the port is asked for in region " + spec.memId() + ", the chain uses " + region);
        }
        if (spec.isPipeEnd()) {
            return crossing(Transfer.ZERO_COPY, "a pipe's end in region " + region + ", where buffers change places");
        }
        return crossing(Transfer.DRIVER, "a network interface, whose driver copies or not: 'nfv links --open' asks it");
    }

    private static Crossing crossing(Transfer transfer, String reason) {
        return new Crossing("", "", Kind.PORT, transfer, reason);
    }
}
