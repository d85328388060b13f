// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import static io.ptnetmap.functions.firewall.RuleBuilder.accept;
import static io.ptnetmap.functions.firewall.RuleBuilder.drop;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.Mutations;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Garbage does no harm, and nothing is allocated per packet. */
class FirewallRobustnessTest {
    private static final long MILLISECOND = 1_000_000L;

    private final TestBatch batch = new TestBatch();

    @Test
    void garbageInEveryField() {
        Firewall firewall = firewall(RuleBuilder.config(
                Action.ACCEPT,
                true,
                50,
                drop().protocol("tcp").destinationPort("2001-65535"),
                drop().state(ConnectionState.INVALID).source("10.0.0.0/8")));
        Mutations mutations = new Mutations(1, Mutations.originals());
        RandomPackets random = new RandomPackets(1);
        long forwarded = 0;
        for (int done = 0; done < Mutations.count(); done += PacketBatch.MAX_SIZE) {
            List<byte[]> packets = new ArrayList<>();
            batch.clear(Side.OUT).advance(100 * MILLISECOND);
            while (batch.size() < PacketBatch.MAX_SIZE) {
                packets.add(batch.size() % 8 == 0 ? random.next() : mutations.next());
                batch.add(packets.getLast());
            }
            batch.run(firewall);
            firewall.tick(batch.nowNanos());
            for (int i = 0; i < batch.size(); i++) {
                assertArrayEquals(packets.get(i), batch.bytes(i));
                forwarded += batch.forwarded(i) ? 1 : 0;
            }
        }
        assertTrue(forwarded > Mutations.count() / 4, "most packets are only slightly wrong");
        batch.advance(1_000_000_000 * MILLISECOND);
        for (int i = 0; i < 100; i++) {
            firewall.tick(batch.nowNanos());
        }
        assertEquals(0, firewall.report().get("flows"), "nothing is lost track of");
    }

    @Test
    void allocatesNothingPerPacket() {
        Firewall firewall = firewall(RuleBuilder.stateful(
                Action.DROP,
                accept().protocol("icmpv6").source("2001:db8::/32"),
                accept().state(ConnectionState.NEW).source("0.0.0.0/0")));
        byte[][] frames = Mutations.originals().toArray(byte[][]::new);
        long bytes = Allocation.bytesOf(() -> {
            batch.clear(Side.IN).advance(40_000 * MILLISECOND);
            for (byte[] frame : frames) {
                batch.add(frame);
            }
            batch.run(firewall);
            firewall.tick(batch.nowNanos());
        });
        assertEquals(0, bytes);
    }

    private Firewall firewall(FirewallConfig config) {
        Firewall firewall = new Firewall(config);
        firewall.start(batch);
        return firewall;
    }
}
