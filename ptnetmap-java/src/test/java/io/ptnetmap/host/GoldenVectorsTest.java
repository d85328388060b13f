// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.ptnetmap.abi.AbiFacts;
import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Replays what was measured on netmap itself (netmap-abi.json) on the embedded host. */
class GoldenVectorsTest {
    private static final int BUFFER = 2048;

    private EmbeddedHost host = EmbeddedHost.create(RegionConfig.NETMAP_GLOBAL);

    @AfterEach
    void close() {
        host.close();
    }

    private PortBinding open(String name, int slots) {
        return host.register(new PortRequest(name, NmreqRegister.NR_REG_ALL_NIC, 0, 0, 0, slots, slots, 0, 0, 0, 0, 0));
    }

    private static long netmapIf(PortBinding port) {
        return port.memory().address() + port.reply().offset();
    }

    private static long txRing(PortBinding port) {
        return netmapIf(port) + NetmapIf.ringOfs(netmapIf(port), NetmapIf.txTableIndex(0));
    }

    private static long rxRing(PortBinding port) {
        return netmapIf(port) + NetmapIf.ringOfs(netmapIf(port), NetmapIf.rxTableIndex(0, 1, 1));
    }

    // vectors.pipe_trace

    /** A pipe of 4 slots with the buffers of the trace, and what its ends do in each step. */
    private final class Trace {
        final PortBinding master = open("trace{1", 4);
        final PortBinding slave = open("trace}1", 4);
        final long tx = txRing(master);
        final long rx = rxRing(slave);
        final PipeEnd sender = (PipeEnd) master.txSync(0);
        final PipeEnd receiver = (PipeEnd) slave.rxSync(0);

        Trace() {
            for (int k = 0; k < 4; k++) {
                fill(tx, k, 10 + k, BUFFER, 0);
                fill(rx, k, 10 + k, BUFFER, 0);
            }
        }

        void step(int number) {
            switch (number) {
                case 0 -> {}
                case 1 -> {
                    fill(tx, 0, 10, 60, 0);
                    fill(tx, 1, 99, 61, NetmapSlot.NS_BUF_CHANGED);
                    sync(sender, tx, 2);
                }
                case 2, 4, 8 -> sync(receiver, rx, NetmapRing.head(rx));
                case 3 -> {
                    fill(tx, 2, 12, 62, NetmapSlot.NS_MOREFRAG);
                    sync(sender, tx, 3);
                }
                case 5 -> {
                    fill(rx, 0, 77, 60, NetmapSlot.NS_BUF_CHANGED);
                    sync(receiver, rx, 1);
                }
                case 6 -> sync(sender, tx, 3);
                case 7 -> {
                    fill(tx, 3, 13, 63, 0);
                    sync(sender, tx, 0);
                }
                default -> throw new AssertionError("the trace has a step " + number + " more than is known here");
            }
        }
    }

    private static void fill(long ring, int slot, int index, int length, int flags) {
        NetmapSlot.write(NetmapRing.slot(ring, slot), NetmapSlot.descriptor(index, length, flags));
    }

    private static void sync(PipeEnd end, long ring, int head) {
        NetmapRing.cur(ring, head);
        NetmapRing.head(ring, head);
        assertNotEquals(RingSync.LOOK, end.sync());
    }

    @Test
    void aPipeGoesThroughTheStatesOfNetmaps() {
        Trace trace = new Trace();
        JsonNode steps = AbiFacts.at("/vectors/pipe_trace/steps");
        assertEquals(9, steps.size());
        for (int i = 0; i < steps.size(); i++) {
            JsonNode expected = steps.get(i);
            String step = expected.get("action").asString();
            trace.sender.arm();
            trace.receiver.arm();
            trace.step(i);
            assertEquals(expected.get("notify_tx").asInt() != 0, rung(trace.master), step + ": sender woken");
            assertEquals(expected.get("notify_rx").asInt() != 0, rung(trace.slave), step + ": receiver woken");
            assertRing(step, expected.get("tx"), trace.tx, trace.sender);
            assertRing(step, expected.get("rx"), trace.rx, trace.receiver);
        }
    }

    private static boolean rung(PortBinding port) {
        boolean rung = Linux.poll(port.descriptor(), Linux.POLLIN, 0) != 0;
        Linux.epollDrain(port.descriptor());
        return rung;
    }

    private static void assertRing(String step, JsonNode expected, long ring, PipeEnd end) {
        assertEquals(expected.get("head").asInt(), NetmapRing.head(ring), step);
        assertEquals(expected.get("cur").asInt(), NetmapRing.cur(ring), step);
        assertEquals(expected.get("tail").asInt(), NetmapRing.tail(ring), step);
        assertEquals(expected.get("hwcur").asInt(), end.hwcur, step);
        assertEquals(expected.get("hwtail").asInt(), end.hwtail, step);
        // netmap keeps each end's coming tail; a lane tells the slot behind the last one handed over, and the first one
        // not released, which is the slot behind the sender's coming tail.
        int coming = end instanceof PipeTx
                ? end.previous(PipeLane.slotAt(end.lane + PipeLane.RELEASED, end.slots))
                : PipeLane.published(end.lane, end.rxRing, end.slots);
        assertEquals(expected.get("pipe_tail").asInt(), coming, step);
        JsonNode slots = expected.get("slots");
        for (int k = 0; k < slots.size(); k++) {
            long descriptor = NetmapSlot.read(NetmapRing.slot(ring, k));
            // Until the receiver has synced, the first slot of a batch says how long it is.
            if (end instanceof PipeRx && RingWindow.distance(end.hwcur, k, end.slots) >= handedOver(end)) {
                descriptor = PipeLane.plain(descriptor);
            }
            JsonNode slot = slots.get(k);
            assertEquals(
                    List.of(
                            slot.get(0).asInt(),
                            slot.get(1).asInt(),
                            slot.get(2).asInt()),
                    List.of(NetmapSlot.bufIdx(descriptor), NetmapSlot.len(descriptor), NetmapSlot.flags(descriptor)),
                    step + ": slot " + k);
        }
    }

    /** Slots that the receiver has taken up and not given back. */
    private static int handedOver(PipeEnd receiver) {
        return RingWindow.distance(receiver.hwcur, receiver.hwtail, receiver.slots);
    }

    // vectors.ring_reinit

    /** A transmit ring of 8 slots with hwcur 1 and hwtail 3, as the vectors have it. */
    private PortBinding ringOfTheVectors() {
        PortBinding master = open("reinit{1", 8);
        PortBinding slave = open("reinit}1", 8);
        long tx = txRing(master);
        long rx = rxRing(slave);
        // Five slots sent and four of them returned, then four more, none of which is: slots 1 and 2 are the user's.
        int[][] sendThenReturn = {{5, 4}, {1, 4}};
        for (int[] move : sendThenReturn) {
            NetmapRing.cur(tx, move[0]);
            NetmapRing.head(tx, move[0]);
            assertNotEquals(RingSync.LOOK, master.txSync(0).sync());
            assertNotEquals(RingSync.LOOK, slave.rxSync(0).sync());
            NetmapRing.cur(rx, move[1]);
            NetmapRing.head(rx, move[1]);
            assertNotEquals(RingSync.LOOK, slave.rxSync(0).sync());
            assertNotEquals(RingSync.LOOK, master.txSync(0).sync());
        }
        PipeEnd end = (PipeEnd) master.txSync(0);
        assertEquals(List.of(1, 3), List.of(end.hwcur, end.hwtail));
        return master;
    }

    @Test
    void headOutOfRangeIsPutRightAsNetmapDoes() {
        JsonNode expected = AbiFacts.at("/vectors/ring_reinit/tx_head_cur_out_of_bounds/result/after_reinit");
        PortBinding port = ringOfTheVectors();
        long tx = txRing(port);
        NetmapRing.head(tx, 99);
        NetmapRing.cur(tx, 99);
        assertEquals(RingSync.LOOK, port.txSync(0).sync());
        assertEquals(expected.get("head").asInt(), NetmapRing.head(tx));
        assertEquals(expected.get("cur").asInt(), NetmapRing.cur(tx));
        assertEquals(expected.get("tail").asInt(), NetmapRing.tail(tx));
    }

    /**
     * The slots that a violation makes invalid. netmap looks at all slots of the ring; this host only at the user's own,
     * since in a pipe the others are the other end's, which may be writing them. Within those it does the same.
     */
    @Test
    void badSlotsOfTheUserAreEmptied() {
        JsonNode expected = AbiFacts.at("/vectors/ring_reinit/tx_head_cur_out_of_bounds/result/slots");
        PortBinding port = ringOfTheVectors();
        long tx = txRing(port);
        fill(tx, 1, 3, 60, 0);
        fill(tx, 2, 1, 60, 0);
        NetmapRing.head(tx, 99);
        port.txSync(0).sync();
        for (int k = 1; k <= 2; k++) {
            long descriptor = NetmapSlot.read(NetmapRing.slot(tx, k));
            assertEquals(
                    List.of(
                            expected.get(k).get(0).asInt(),
                            expected.get(k).get(1).asInt()),
                    List.of(NetmapSlot.bufIdx(descriptor), NetmapSlot.len(descriptor)));
        }
        // Slots 3, 4 and 5 of the vector: an index beyond the pool, a length beyond the buffer, one that fits.
        fill(tx, 1, Integer.MAX_VALUE, 60, 0);
        fill(tx, 2, 5, BUFFER + 1, 0);
        NetmapRing.head(tx, 99);
        port.txSync(0).sync();
        assertEquals(NetmapSlot.descriptor(0, 0, 0), NetmapSlot.read(NetmapRing.slot(tx, 1)));
        assertEquals(
                NetmapSlot.descriptor(5, expected.get(4).get(1).asInt(), 0), NetmapSlot.read(NetmapRing.slot(tx, 2)));
        fill(tx, 1, 6, BUFFER, 0);
        NetmapRing.head(tx, 99);
        port.txSync(0).sync();
        assertEquals(
                NetmapSlot.descriptor(6, expected.get(5).get(1).asInt(), 0), NetmapSlot.read(NetmapRing.slot(tx, 1)));
    }

    /**
     * A head in range but beyond tail. netmap refuses it once and takes it at the next sync ({@code second} in the
     * vector); this host goes back to its own state at once and goes on refusing (ABI §3.4).
     */
    @Test
    void headBeyondTailIsRefusedForGood() {
        JsonNode vector = AbiFacts.at("/vectors/ring_reinit/two_txsyncs_with_head_beyond_tail");
        PortBinding port = ringOfTheVectors();
        long tx = txRing(port);
        int bad = vector.get("after_reinit").get("head").asInt();
        for (int attempt = 0; attempt < 2; attempt++) {
            NetmapRing.cur(tx, bad);
            NetmapRing.head(tx, bad);
            assertEquals(RingSync.LOOK, port.txSync(0).sync(), "attempt " + attempt);
            assertEquals(1, NetmapRing.head(tx));
            assertEquals(vector.get("after_reinit").get("tail").asInt(), NetmapRing.tail(tx));
        }
        assertNotEquals(RingSync.LOOK, port.txSync(0).sync());
    }

    @Test
    void anOverwrittenTailIsNoViolation() {
        PortBinding port = ringOfTheVectors();
        NetmapRing.tail(txRing(port), 6);
        assertNotEquals(RingSync.LOOK, port.txSync(0).sync());
        assertEquals(
                AbiFacts.at("/vectors/ring_reinit/tx_tail_overwritten_by_user/tail_after")
                        .asInt(),
                NetmapRing.tail(txRing(port)));
    }

    // examples

    @Test
    void aPipeLiesWhereNetmapPutsIt() {
        host.close();
        JsonNode pools = AbiFacts.at("/examples/4/pools");
        host = EmbeddedHost.create(new RegionConfig(
                pools.at("/netmap_if/objtotal").asInt(),
                pools.at("/netmap_if/objsize").asInt(),
                pools.at("/netmap_ring/objtotal").asInt(),
                pools.at("/netmap_ring/objsize").asInt(),
                pools.at("/netmap_buf/objtotal").asInt(),
                pools.at("/netmap_buf/objsize").asInt()));
        assertLayout("pipe_master", AbiFacts.at("/examples/4"), open("layout{1", 1024));
        assertLayout("pipe_slave", AbiFacts.at("/examples/5"), open("layout}1", 1024));
    }

    private static void assertLayout(String name, JsonNode expected, PortBinding port) {
        assertEquals(name, expected.get("name").asString());
        PortReply reply = port.reply();
        assertEquals(expected.get("nr_memsize").asLong(), reply.memsize());
        assertEquals(expected.get("nr_offset").asLong(), reply.offset());
        assertEquals(expected.get("ni_host_tx_rings").asInt(), NetmapIf.hostTxRings(netmapIf(port)));
        assertEquals(expected.get("ni_host_rx_rings").asInt(), NetmapIf.hostRxRings(netmapIf(port)));
        JsonNode table = expected.get("ring_ofs_table");
        for (int i = 0; i < table.size(); i++) {
            assertEquals(table.get(i).asLong(), NetmapIf.ringOfs(netmapIf(port), i), name + " ring_ofs[" + i + "]");
        }
        for (JsonNode ring : expected.get("rings")) {
            long address = port.memory().address() + ring.get("region_offset").asLong();
            int slots = ring.get("num_slots").asInt();
            assertEquals(slots, NetmapRing.numSlots(address));
            assertEquals(ring.get("buf_ofs").asLong(), NetmapRing.bufOfs(address));
            assertEquals(ring.at("/initial/tail").asInt(), NetmapRing.tail(address));
            JsonNode buffers = ring.get("slot_buf_idx");
            assertEquals(buffers.get(0).asInt(), bufferIndex(address, 0), name);
            assertEquals(buffers.get(1).asInt(), bufferIndex(address, slots - 1), name);
        }
    }

    private static int bufferIndex(long ring, int slot) {
        return NetmapSlot.bufIdx(NetmapSlot.read(NetmapRing.slot(ring, slot)));
    }
}
