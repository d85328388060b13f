// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.lb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.tools.ToolException;
import io.ptnetmap.nfv.tools.lb.LoadBalancerConfig.Group;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LoadBalancerTest {
    private static final int FLOWS = 97;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private NetmapPort source;
    private int number;

    @BeforeEach
    void open() {
        source = netmap.openPort("netmap:in{1");
    }

    @AfterEach
    void nothingIsLost() {
        source.close();
        assertTrue(host.audit(1).clean(), () -> host.audit(1).toString());
        netmap.close();
    }

    private LoadBalancer balancer(int extraBuffers, Group... groups) {
        return new LoadBalancer(
                new LoadBalancerConfig("netmap:in}1", List.of(groups), extraBuffers, 2048, 0, false, 0, 0), netmap);
    }

    /** UDP over IPv4, of either direction of a flow; the sequence number stands in the payload. */
    private void send(int count) {
        TxRing tx = source.txRing(0);
        tx.sync();
        assertTrue(tx.available() >= count);
        for (int i = 0; i < count; i++, number++) {
            int slot = tx.fromHead(i);
            long frame = tx.bufferAddress(slot);
            Memory.zero(frame, 60);
            Memory.putShortBigEndian(frame + 12, (short) 0x0800);
            Memory.putShortBigEndian(frame + 14, (short) 0x4500);
            Memory.putShortBigEndian(frame + 16, (short) 46);
            Memory.putShortBigEndian(frame + 22, (short) 0x4011);
            int flow = number % FLOWS;
            boolean back = number / FLOWS % 2 == 1;
            Memory.putIntBigEndian(frame + (back ? 30 : 26), 0x0a000000 + flow);
            Memory.putIntBigEndian(frame + (back ? 26 : 30), 0x0a010001);
            Memory.putShortBigEndian(frame + (back ? 36 : 34), (short) (1000 + flow));
            Memory.putShortBigEndian(frame + (back ? 34 : 36), (short) 53);
            Memory.putShortBigEndian(frame + 38, (short) 26);
            Memory.putInt(frame + 42, number);
            Memory.putInt(frame + 46, flow);
            tx.length(slot, 60, 0);
        }
        tx.advance(count);
        tx.sync();
    }

    /** Takes what a consumer has; by flow, the numbers in order. */
    private static int receive(NetmapPort port, Map<Integer, Integer> lastByFlow) {
        RxRing rx = port.rxRing(0);
        rx.sync();
        int count = rx.available();
        for (int i = 0; i < count; i++) {
            long frame = rx.bufferAddress(rx.fromHead(i));
            int before = lastByFlow.getOrDefault(Memory.getInt(frame + 46), -1);
            assertTrue(Memory.getInt(frame + 42) > before, "order");
            lastByFlow.put(Memory.getInt(frame + 46), Memory.getInt(frame + 42));
        }
        rx.advance(count);
        rx.sync();
        return count;
    }

    private List<JsonNode> statistics(LoadBalancer balancer) {
        StringWriter out = new StringWriter();
        Statistics statistics = new Statistics(new PrintWriter(out, true), new PrintWriter(out, true));
        statistics.end(balancer);
        List<JsonNode> lines = new ArrayList<>();
        out.toString().lines().forEach(line -> lines.add(JsonMapper.shared().readTree(line)));
        return lines;
    }

    @Test
    void bothDirectionsOfAFlowGoToOnePipeInOrder() {
        try (LoadBalancer balancer = balancer(0, new Group("out", 4))) {
            List<NetmapPort> consumers = new ArrayList<>();
            List<Map<Integer, Integer>> seen = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                consumers.add(netmap.openPort("netmap:out}" + i));
                seen.add(new HashMap<>());
            }
            int received = 0;
            for (int round = 0; round < 50; round++) {
                send(1000);
                balancer.turn();
                for (int i = 0; i < 4; i++) {
                    received += receive(consumers.get(i), seen.get(i));
                }
            }
            assertEquals(50_000, received);
            // Each flow at one consumer only, and each consumer has a share.
            assertEquals(FLOWS, seen.stream().mapToInt(Map::size).sum());
            seen.forEach(flows -> assertTrue(flows.size() > FLOWS / 10, flows::toString));
            JsonNode all = statistics(balancer).getLast();
            assertEquals(50_000, all.get("packets_received").asInt());
            assertEquals(50_000, all.get("packets_forwarded").asInt());
            assertEquals(0, all.get("packets_dropped").asInt());
            assertTrue(all.get("output_ring").isNull());
            consumers.forEach(NetmapPort::close);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1023, 3000, 0", "1000, 2023, 3000, 0", "5000, 3000, 3000, 2023"})
    void packetsWithoutRoomWaitInExtraBuffersOrAreDropped(int extra, int kept, int sent, int free) {
        try (LoadBalancer balancer = balancer(extra, new Group("out", 1))) {
            for (int i = 0; i < sent; i += 1000) {
                send(1000);
                balancer.turn();
            }
            JsonNode all = statistics(balancer).getLast();
            int dropped = all.get("packets_dropped").asInt();
            if (kept == sent) {
                assertEquals(0, dropped);
            } else {
                // The oldest of the queue are given up 150 at a time, so up to 149 buffers more than needed are free.
                assertTrue(dropped >= sent - kept && dropped < sent - kept + 150, "dropped " + dropped);
            }
            int queued = all.get("overflow_queue_size").asInt();
            assertEquals(sent, all.get("packets_forwarded").asInt() + dropped + queued);
            assertEquals(extra, queued + all.get("free_buffer_slots").asInt());
            try (NetmapPort consumer = netmap.openPort("netmap:out}0")) {
                Map<Integer, Integer> seen = new HashMap<>();
                int received = 0;
                for (int i = 0; i < 10; i++) {
                    received += receive(consumer, seen);
                    balancer.turn();
                }
                assertEquals(sent - dropped, received);
            }
        }
    }

    @Test
    void whatOneGroupHasGivenBackGoesToTheNext() {
        try (LoadBalancer balancer = balancer(0, new Group("first", 2), new Group("second", 3))) {
            List<NetmapPort> consumers = new ArrayList<>();
            List<Map<Integer, Integer>> seen = new ArrayList<>();
            for (String pipe : List.of("first}0", "first}1", "second}0", "second}1", "second}2")) {
                consumers.add(netmap.openPort("netmap:" + pipe));
                seen.add(new HashMap<>());
            }
            int[] received = new int[5];
            for (int round = 0; round < 30; round++) {
                if (round < 20) {
                    send(500);
                }
                balancer.turn();
                for (int i = 0; i < 5; i++) {
                    received[i] += receive(consumers.get(i), seen.get(i));
                }
            }
            assertEquals(10_000, received[0] + received[1]);
            assertEquals(10_000, received[2] + received[3] + received[4]);
            consumers.forEach(NetmapPort::close);
        }
    }

    @Test
    void whatIsNotIpGoesToTheFirstPipeAndIsCounted() {
        try (LoadBalancer balancer = balancer(0, new Group("out", 4));
                NetmapPort first = netmap.openPort("netmap:out}0")) {
            TxRing tx = source.txRing(0);
            for (int i = 0; i < 10; i++) {
                Memory.zero(tx.bufferAddress(tx.fromHead(i)), 60);
                tx.length(tx.fromHead(i), 60, 0);
            }
            tx.advance(10);
            tx.sync();
            balancer.turn();
            first.sync();
            assertEquals(10, first.rxRing(0).available());
            assertEquals(
                    10, statistics(balancer).getLast().get("non_ip_packets").asInt());
        }
    }

    @Test
    void groupsAreRead() {
        assertEquals(new Group("eth0", 4), Group.parse("4", "netmap:eth0-1@2"));
        assertEquals(new Group("web", 8), Group.parse("web:8", "netmap:eth0"));
        for (String bad : List.of("x", "web:", "0", "65", "a{b:2", "-1")) {
            assertThrows(ToolException.class, () -> Group.parse(bad, "netmap:eth0"), bad);
        }
        assertThrows(
                ToolException.class,
                () -> new LoadBalancerConfig(
                        "netmap:a", List.of(new Group("a", 1), new Group("a", 2)), 0, 1, 0, false, 0, 0));
    }

    @Test
    void queuesKeepTheirOrderAsTheyGrow() {
        OverflowQueue queue = new OverflowQueue();
        long in = 0;
        long out = 0;
        for (int round = 1; round < 300; round++) {
            for (int i = 0; i < round; i++) {
                queue.add(in++);
            }
            for (int i = 0; i < round / 2; i++) {
                assertEquals(out + 1, queue.size() > 1 ? queue.peek(1) : out + 1);
                assertEquals(out++, queue.remove());
            }
        }
        assertEquals(in - out, queue.size());
    }
}
