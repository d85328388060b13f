// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.Frames;
import io.ptnetmap.functions.Mutations;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Garbage does no harm, and nothing is allocated per packet. */
class Nat44RobustnessTest {
    private static final long MILLISECOND = 1_000_000L;

    private final TestBatch batch = new TestBatch();

    @ParameterizedTest
    @EnumSource
    void garbageInEveryField(Filtering filtering) {
        Nat44 nat = nat(new Nat44Configs().filtering(filtering).maxBindings(50).maxSessions(60));
        Mutations mutations = new Mutations(filtering.ordinal(), Mutations.originals());
        RandomPackets random = new RandomPackets(filtering.ordinal());
        long forwarded = 0;
        for (int done = 0; done < Mutations.count(); done += PacketBatch.MAX_SIZE) {
            batch.clear(Side.IN).advance(100 * MILLISECOND);
            while (batch.size() < PacketBatch.MAX_SIZE) {
                batch.add(batch.size() % 8 == 0 ? random.next() : mutations.next());
            }
            batch.run(nat);
            nat.tick(batch.nowNanos());
            for (int i = 0; i < batch.size(); i++) {
                forwarded += batch.forwarded(i) ? 1 : 0;
            }
        }
        assertTrue(forwarded > Mutations.count() / 4, "most packets are only slightly wrong");
        batch.advance(100_000_000 * MILLISECOND);
        for (int i = 0; i < 100; i++) {
            nat.tick(batch.nowNanos());
        }
        assertEquals(0, nat.report().get("bindings"), "nothing is lost track of");
        assertEquals(0, nat.report().get("sessions"));
    }

    @Test
    void wrongChecksumsStayWrong() {
        Nat44 nat = nat(new Nat44Configs());
        byte[] frame = Frames.udp("10.1.0.2", 2000, "198.51.100.1", 53, 20);
        Frames.put16(frame, Frames.L4 + 6, Frames.u16(frame, Frames.L4 + 6) ^ 0x40);
        batch.clear(Side.IN).add(frame).run(nat);
        byte[] sent = batch.bytes(0);
        Frames.put16(sent, Frames.L4 + 6, Frames.u16(sent, Frames.L4 + 6) ^ 0x40);
        assertArrayEquals(Frames.udp("203.0.113.1", 2000, "198.51.100.1", 53, 20), sent);
    }

    @Test
    void allocatesNothingPerPacket() {
        Nat44 nat = nat(new Nat44Configs().filtering(Filtering.ADDRESS_DEPENDENT));
        byte[][] frames = Mutations.originals().toArray(byte[][]::new);
        long bytes = Allocation.bytesOf(() -> {
            batch.clear(Side.IN).advance(100_000 * MILLISECOND);
            for (byte[] frame : frames) {
                batch.add(frame);
            }
            batch.run(nat);
            nat.tick(batch.nowNanos());
        });
        assertEquals(0, bytes);
        assertEquals(0, batch.dropped("table-full"), "sessions end and begin all the time");
    }

    private Nat44 nat(Nat44Configs config) {
        Nat44 nat = new Nat44(config.build());
        nat.start(batch);
        return nat;
    }
}
