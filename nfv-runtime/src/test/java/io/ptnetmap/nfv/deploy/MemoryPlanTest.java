// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Memory;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.engine.Layout;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.SwitchLink;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static Node function(String name, Placement placement, String vm, int worker) {
        return new Node(name, "drain", "", null, placement, vm, worker);
    }

    private static Node port(String specification) {
        return new Node("port", "", specification, null, Placement.SAME, "", 0);
    }

    private static Chain chain(int buffers, LinkType type, int slots, Node... nodes) {
        List<Stage> stages = new ArrayList<>();
        List<Link> links = new ArrayList<>();
        for (Node node : nodes) {
            stages.add(new Stage(List.of(node)));
            if (stages.size() > 1) {
                links.add(new Link(type, Policy.BLOCK, slots));
            }
        }
        return new Chain(
                "c",
                Path.of("c.yaml"),
                stages,
                links,
                new Memory(buffers, 2048),
                List.of(),
                Map.of("m", new Chain.Vm(1L << 28, 1, List.of())));
    }

    /** Opens all that a plan is for, in the region planned: what is planned must be what is used. */
    private static void assertExact(Chain chain, MemoryPlan plan) {
        try (EmbeddedHost host = HostMain.create(plan.region(), plan.regions(), SwitchLink.of(chain));
                Netmap netmap = Netmap.over(host)) {
            List<Integer> free = free(host, plan);
            List<NetmapPort> ports = new ArrayList<>();
            for (String place : List.of("", "a", "b", "m")) {
                Layout layout = new Layout(chain, node -> place(node).equals(place));
                layout.pipeEnds().forEach(end -> ports.add(netmap.openPort(end.port(chain))));
                List<Integer> scratches = layout.scratchRings();
                List<Integer> regions = layout.scratchRegions();
                for (int i = 0; i < scratches.size(); i++) {
                    ports.add(
                            place.equals("m")
                                    ? netmap.openPort(Layout.scratchPort(chain, regions.get(i), 0, i, scratches.get(i)))
                                    : netmap.openScratch(regions.get(i), 1, scratches.get(i)));
                }
            }
            chain.nodes().stream().filter(Node::isPort).forEach(node -> ports.add(netmap.openPort(node.port())));
            List<Integer> left = free(host, plan);
            for (int region = 1; region <= plan.regions(); region++) {
                int number = region;
                int planned = plan.items().stream()
                        .filter(item -> item.region() == number)
                        .mapToInt(MemoryPlan.Item::buffers)
                        .sum();
                assertEquals(planned, free.get(region - 1) - left.get(region - 1), "region " + region);
            }
            ports.forEach(NetmapPort::close);
        }
    }

    private static List<Integer> free(EmbeddedHost host, MemoryPlan plan) {
        return IntStream.rangeClosed(1, plan.regions())
                .mapToObj(region -> host.audit(region).free())
                .toList();
    }

    private static String place(Node node) {
        return switch (node.placement()) {
            case SAME -> "";
            case OWN -> node.name();
            case VM -> node.vm();
        };
    }

    @Test
    void whatIsPlannedIsWhatIsUsed() {
        List<Chain> chains = List.of(
                chain(
                        0,
                        LinkType.AUTO,
                        1024,
                        function("a", Placement.SAME, "", 0),
                        function("b", Placement.SAME, "", 0)),
                chain(
                        0,
                        LinkType.AUTO,
                        1024,
                        function("a", Placement.SAME, "", 0),
                        function("b", Placement.SAME, "", 1)),
                chain(
                        0,
                        LinkType.PIPE,
                        512,
                        function("a", Placement.SAME, "", 0),
                        function("b", Placement.SAME, "", 1)),
                chain(0, LinkType.AUTO, 2048, function("a", Placement.OWN, "", 0), function("b", Placement.OWN, "", 0)),
                chain(
                        0,
                        LinkType.AUTO,
                        1024,
                        function("a", Placement.SAME, "", 0),
                        function("b", Placement.VM, "m", 0)),
                chain(
                        0,
                        LinkType.VALE,
                        512,
                        function("a", Placement.SAME, "", 0),
                        function("m", Placement.VM, "m", 0),
                        function("b", Placement.OWN, "", 0)),
                chain(
                        0,
                        LinkType.AUTO,
                        16384,
                        port("null@conf:slots=64"),
                        function("a", Placement.OWN, "", 0),
                        port("netmap:o{1")));
        for (Chain chain : chains) {
            assertExact(chain, MemoryPlan.of(chain));
        }
    }

    @Test
    void longLinksGetLongRings() {
        MemoryPlan plan = MemoryPlan.of(chain(
                0, LinkType.PIPE, 4096, function("a", Placement.OWN, "", 0), function("b", Placement.OWN, "", 0)));
        assertEquals(256 + 16 * 4096, plan.region().ringSize());
        assertEquals(RegionConfig.DEFAULT.ringNum(), plan.region().ringNum());
    }

    @Test
    void manyLinksGetManyBuffersOrAreRefused() {
        Node[] nodes = new Node[66];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = function("f" + i, Placement.SAME, "", i);
        }
        String tooMany = assertThrows(
                        ChainFailedException.class, () -> MemoryPlan.of(chain(0, LinkType.PIPE, 4096, nodes)))
                .getMessage();
        assertTrue(tooMany.contains("needs 65 pipes, netmap has room for 64"), tooMany);
        Node[] fewer = List.of(nodes).subList(0, 60).toArray(Node[]::new);
        MemoryPlan plan = MemoryPlan.of(chain(0, LinkType.PIPE, 4096, fewer));
        assertTrue(plan.region().bufNum() >= 59 * 8192, plan::toString);
    }

    @Test
    void aRegionIsAsLargeAsTheOneThatNeedsMost() {
        Node[] nodes = {
            function("a", Placement.SAME, "", 0),
            function("b", Placement.OWN, "", 0),
            function("c", Placement.OWN, "", 0)
        };
        MemoryPlan joined = MemoryPlan.of(chain(0, LinkType.PIPE, 4096, nodes));
        MemoryPlan apart = MemoryPlan.of(chain(0, LinkType.VALE, 4096, nodes));
        assertEquals(1, joined.regions());
        assertEquals(3, apart.regions());
        assertEquals(4 * 4096 + 1537 + 2, apart.buffers());
        // Each packet has a buffer on both sides of each switch.
        long buffers = 8 * 4096 + 3 * (1537 + 2);
        assertTrue(apart.bytesUsed() > buffers * 2048, apart::toString);
        assertTrue(apart.bytesUsed() < buffers * 2048 + (1 << 20), "with rings and interfaces");
        assertEquals(3 * new MemoryPlan(apart.items(), apart.region(), 1, 2048).bytesReserved(), apart.bytesReserved());
        Node[] many = new Node[10];
        for (int i = 0; i < many.length; i++) {
            many[i] = function("f" + i, Placement.SAME, "", 0);
        }
        String refused = assertThrows(
                        ChainFailedException.class, () -> MemoryPlan.of(chain(0, LinkType.VALE, 64, many)))
                .getMessage();
        assertTrue(refused.contains("has 9 links of type vale, a host has room for 8 switches"), refused);
    }

    @Test
    void tooFewBuffersAreRefusedWithNumbers() {
        Node[] nodes = {function("a", Placement.SAME, "", 0), function("b", Placement.OWN, "", 0)};
        int needed = MemoryPlan.of(chain(0, LinkType.AUTO, 1024, nodes)).buffers();
        String refused = assertThrows(
                        ChainFailedException.class, () -> MemoryPlan.of(chain(1000, LinkType.AUTO, 1024, nodes)))
                .getMessage();
        int enough = needed + 1;
        assertTrue(refused.contains("its memory has 999: set memory.buffers to " + enough + " or more"), refused);
        MemoryPlan plan = MemoryPlan.of(chain(enough, LinkType.AUTO, 1024, nodes));
        assertEquals(enough, plan.region().bufNum());
        assertTrue(plan.region().buffers() >= needed, plan::toString);
    }

    private static Node own(String name) {
        return function(name, Placement.OWN, "", 0);
    }

    private static Node here(String name, int worker) {
        return function(name, Placement.SAME, "", worker);
    }

    /** Packet buffers that a region must have for a chain while it becomes another one. */
    private static int buffersForChange(Chain present, Chain target) {
        int tooFew = 0;
        for (int step = 1 << 16; step > 0; step /= 2) {
            tooFew += hasRoomForChange(present, target, tooFew + step) ? 0 : step;
        }
        return tooFew + 1;
    }

    private static boolean hasRoomForChange(Chain present, Chain target, int buffers) {
        LinkIds ids = LinkIds.of(present);
        PoolsInfo pools = new PoolsInfo(
                1L << 30,
                1,
                new PoolsInfo.Pool(0, 1000, 1024),
                new PoolsInfo.Pool(0, 1000, 1 << 16),
                new PoolsInfo.Pool(0, buffers, 2048));
        try {
            MemoryPlan.requireRoomForChange(present, ids, target, ids.after(present, target), pools);
            return true;
        } catch (ChainFailedException noRoom) {
            return false;
        }
    }

    @Test
    void aNewLinkOfAnOldNameTakesRoomBesideTheOldOne() {
        Chain present = chain(0, LinkType.AUTO, 1024, own("x"), own("a"), own("b"), own("y"));
        // What is between a and b has passed x there, and has not here: it must not get into the same link.
        Chain target = chain(0, LinkType.AUTO, 1024, own("a"), own("b"), own("x"), own("y"));
        int all = MemoryPlan.of(present).buffers();
        assertEquals(all, MemoryPlan.of(target).buffers());
        assertEquals(2 * all - 2, buffersForChange(present, target), "those that are never handed out are there once");
    }

    @Test
    void whatMovesToAnotherWorkerTakesAnotherScratchRing() {
        Chain present = chain(0, LinkType.AUTO, 1024, here("a", 0), here("b", 1));
        Chain target = chain(0, LinkType.AUTO, 1024, here("a", 2), here("b", 1));
        int scratch = new Layout(present, node -> true).scratchRings().getLast();
        assertEquals(MemoryPlan.of(present).buffers() + scratch, buffersForChange(present, target));
        Chain another = chain(0, LinkType.AUTO, 1024, port("null@conf:slots=64"), here("b", 0));
        Chain port = chain(0, LinkType.AUTO, 1024, port("null@conf:slots=128"), here("b", 0));
        assertEquals(
                MemoryPlan.of(another).buffers() + 2 * 128 + scratch,
                buffersForChange(another, port),
                "the port's row");
    }

    @Test
    void aLinkThatGoesOnUnderAnotherNameTakesNoMoreRoom() {
        Chain present = chain(0, LinkType.AUTO, 1024, own("a"), here("b", 0));
        Chain target = chain(0, LinkType.AUTO, 1024, own("a"), here("new", 0), here("b", 0));
        assertEquals(MemoryPlan.of(present).buffers(), buffersForChange(present, target));
    }

    @Test
    void aHostsRegionThatIsTooSmallIsRefused() {
        Chain chain =
                chain(0, LinkType.PIPE, 4096, function("a", Placement.OWN, "", 0), function("b", Placement.OWN, "", 0));
        MemoryPlan plan = MemoryPlan.of(chain);
        try (EmbeddedHost host = EmbeddedHost.create(RegionConfig.DEFAULT.withBuffers(2000, 2048))) {
            PoolsInfo pools = host.poolsInfo("", 0);
            String refused = assertThrows(ChainFailedException.class, () -> plan.requireRoom(chain, pools))
                    .getMessage();
            // Its headroom takes the place of one.
            assertTrue(refused.contains("packet buffers, the host's region has 1,999"), refused);
        }
        try (EmbeddedHost host = EmbeddedHost.create()) {
            PoolsInfo pools = host.poolsInfo("", 0);
            String refused = assertThrows(ChainFailedException.class, () -> plan.requireRoom(chain, pools))
                    .getMessage();
            assertTrue(refused.contains("a link of 4,096 slots, which takes a ring of 65,792 bytes"), refused);
        }
    }
}
