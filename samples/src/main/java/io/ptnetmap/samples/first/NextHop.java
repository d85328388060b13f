// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples.first;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.api.packet.Ipv4;

/** A router with one route: takes a hop off each IPv4 packet's life (RFC 1812 §5.3.1) and addresses it to the next router. */
@FunctionType(name = "next-hop", summary = "Routes IPv4 packets to one neighbour")
public final class NextHop implements NetworkFunction {
    private final NextHopConfig config;
    private final Ethernet ethernet = new Ethernet();
    private final Ipv4 ip = new Ipv4();
    private DropCause notIpv4;
    private DropCause expired;

    public NextHop(@Parameter NextHopConfig config) {
        this.config = config;
    }

    @Override
    public void start(FunctionContext context) {
        notIpv4 = context.dropCause("not-ipv4");
        expired = context.dropCause("ttl-expired");
    }

    @Override
    public void process(PacketBatch batch, Output out) {
        for (int i = 0; i < batch.size(); i++) {
            if (!ip.wrap(batch.packet(i)) || !Checksum.valid(ip)) {
                out.drop(i, notIpv4);
            } else if (ip.ttl() <= 1) {
                out.drop(i, expired);
            } else {
                ip.ttl(ip.ttl() - 1);
                Checksum.fill(ip);
                ethernet.wrap(batch.packet(i));
                ethernet.source(config.own().value());
                ethernet.destination(config.neighbour().value());
            }
        }
    }
}
