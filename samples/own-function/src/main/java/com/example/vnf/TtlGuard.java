// SPDX-License-Identifier: BSD-2-Clause
package com.example.vnf;

import io.micronaut.context.annotation.Parameter;
import io.ptnetmap.nfv.api.DropCause;
import io.ptnetmap.nfv.api.FunctionContext;
import io.ptnetmap.nfv.api.FunctionType;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.api.Output;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.packet.Ipv4;
import java.util.Map;

/** Drops IPv4 packets that would soon reach the end of their life anyway. */
@FunctionType(name = "ttl-guard", summary = "Drops IPv4 packets whose TTL is below a minimum")
public final class TtlGuard implements NetworkFunction {
    private final Ipv4 ip = new Ipv4();
    private final int minimumTtl;
    private DropCause tooOld;

    public TtlGuard(@Parameter TtlGuardConfig config) {
        minimumTtl = config.minimumTtl();
    }

    @Override
    public void start(FunctionContext context) {
        tooOld = context.dropCause("ttl-too-small");
    }

    /** Whatever is not dropped is forwarded. */
    @Override
    public void process(PacketBatch batch, Output out) {
        for (int i = 0; i < batch.size(); i++) {
            if (ip.wrap(batch.packet(i)) && ip.ttl() < minimumTtl) {
                out.drop(i, tooOld);
            }
        }
    }

    @Override
    public Map<String, Object> report() {
        return Map.of("minimum-ttl", minimumTtl);
    }
}
