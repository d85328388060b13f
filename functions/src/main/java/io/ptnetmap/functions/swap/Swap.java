// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.swap;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Rewrite;

/**
 * Exchanges source and destination. Checksums stay right, for sums do not depend on the order.
 *
 * <p>What a packet does not have, or has malformed, stays as it is: later fragments have no ports, and an IPv6 packet on its
 * way through a routing header has no destination that could become its source.
 */
@FunctionType(name = "swap", summary = "Exchanges source and destination: MAC addresses, IP addresses, ports")
public final class Swap implements NetworkFunction {
    private final boolean network;
    private final boolean transport;
    private final boolean reflect;
    private final Ethernet ethernet = new Ethernet();
    private final Headers headers = new Headers();

    public Swap(@Parameter SwapConfig config) {
        network = config.upTo() != Layer.ETHERNET;
        transport = config.upTo() == Layer.TRANSPORT;
        reflect = config.reflect();
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        for (int i = 0; i < batch.size(); i++) {
            Packet packet = batch.packet(i);
            if (ethernet.wrap(packet)) {
                ethernet.swapAddresses();
            }
            if (network && headers.parse(packet) && headers.isIp()) {
                Rewrite.swapAddresses(headers);
                if (transport && headers.hasPorts()) {
                    Rewrite.swapPorts(headers);
                }
            }
            if (reflect) {
                out.forward(i, batch.side());
            }
        }
    }
}
