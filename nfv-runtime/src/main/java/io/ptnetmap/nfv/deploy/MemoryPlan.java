// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.abi.KernelLimits;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.PoolLayout;
import io.ptnetmap.abi.PortSpec;
import io.ptnetmap.adapter.AdapterSpec;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Crossing;
import io.ptnetmap.nfv.engine.Layout;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.SwitchLink;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The memory that a chain takes, known before it starts: its pipes, ports and scratch rings, and the region that has room for
 * them. Both ends of a pipe are planned as one, from the chain, so they agree.
 *
 * @param items what takes memory, in the chain's order
 * @param region that the chain gets where it makes its own; where {@code vale} links keep several apart, each of them
 * @param regions how many
 * @param bufferSize bytes of a buffer
 */
public record MemoryPlan(List<Item> items, RegionConfig region, int regions, int bufferSize) {
    /** Most slots of a ring, and what a port has that asks for none (ABI §17). */
    private static final int MAX_SLOTS = 4096;

    private static final int DEFAULT_SLOTS = 1024;

    /** Most pipes of one name (ABI §9). */
    private static final int MAX_PIPES = 64;

    /** Buffers 0 and 1 are never handed out (ABI §2.7). */
    private static final int RESERVED_BUFFERS = 2;

    private static final int PIPE_RINGS = 4;

    /**
     * Something that takes memory.
     *
     * @param name for people
     * @param interfaces {@code netmap_if} objects
     * @param rings of it
     * @param slots of each ring
     * @param buffers in all its slots; those that two rings share are counted once
     * @param region number of the one that it lies in, from 1
     */
    public record Item(String name, int interfaces, int rings, int slots, int buffers, int region) {
        static Item pipe(String name, int slots, int region) {
            return new Item(name, 2, PIPE_RINGS, slots, 2 * slots, region);
        }

        static Item port(String name, int rings, int slots, int region) {
            return new Item(name, 1, rings, slots, rings * slots, region);
        }
    }

    /**
     * Plans a chain.
     *
     * @throws ChainFailedException if no region can have room for it, or the one that its descriptor asks for has not
     */
    public static MemoryPlan of(Chain chain) {
        List<Item> items = List.copyOf(uses(chain, LinkIds.of(chain)).values());
        Totals need = Totals.most(items);
        RegionConfig byDefault = RegionConfig.DEFAULT;
        Chain.Memory memory = chain.memory();
        RegionConfig region = byDefault
                .withInterfaces(Math.max(byDefault.ifNum(), need.interfaces))
                .withRings(Math.max(byDefault.ringNum(), need.rings), Math.max(byDefault.ringSize(), (int)
                        NetmapRing.size(need.slots)))
                .withBuffers(
                        memory.buffers() == 0
                                ? Math.max(byDefault.bufNum(), wish(need.buffers, byDefault))
                                : memory.buffers(),
                        memory.bufferSize());
        MemoryPlan plan = new MemoryPlan(items, region, chain.regions(), memory.bufferSize());
        plan.check(chain);
        return plan;
    }

    /** Buffers to ask a region for that shall have so many: headroom takes the place of one. */
    private static int wish(int buffers, RegionConfig region) {
        return region.headroom() == 0 ? buffers : buffers + 1;
    }

    /** What takes memory, each by what it is for: what two versions of a chain have under the same key, a change goes on with. */
    private static Map<String, Item> uses(Chain chain, LinkIds ids) {
        Map<String, Item> uses = new LinkedHashMap<>(links(chain, ids));
        for (int stage = 0; stage < chain.stages().size(); stage++) {
            Node node = chain.stages().get(stage).nodes().getFirst();
            if (node.isPort()) {
                String side = stage == 0 ? "in" : "out";
                outside(node, chain.region(stage)).forEach(item -> uses.put(side + " " + item.name(), item));
            }
        }
        parts(chain).forEach((name, here) -> uses.putAll(scratch(chain, ids, name, here)));
        return uses;
    }

    private static Map<String, Item> links(Chain chain, LinkIds ids) {
        Map<String, Item> links = new LinkedHashMap<>();
        for (int link = 0; link < chain.links().size(); link++) {
            List<Node> before = chain.stages().get(link).nodes();
            List<Node> behind = chain.stages().get(link + 1).nodes();
            Crossing.Kind kind = Crossing.kind(chain, link);
            String name = name(before) + " - " + name(behind);
            int slots = slots(chain.links().get(link).slots());
            int region = chain.region(link);
            String use = "link " + ids.ids().get(link);
            if (kind == Crossing.Kind.VALE) {
                links.put(use + " near", Item.port("switch " + name + ", near port", 2, slots, region));
                links.put(use + " far", Item.port("switch " + name + ", far port", 2, slots, region + 1));
            } else if (kind == Crossing.Kind.PIPE) {
                links.put(use, Item.pipe("pipe " + name, slots, region));
            }
        }
        return links;
    }

    private static String name(List<Node> nodes) {
        return String.join("|", nodes.stream().map(Node::name).toList());
    }

    private static int slots(int wish) {
        return Math.min(wish, MAX_SLOTS);
    }

    private static Map<String, Predicate<Node>> parts(Chain chain) {
        Map<String, Predicate<Node>> parts = new LinkedHashMap<>();
        for (Node node : chain.nodes()) {
            String place = node.place();
            parts.putIfAbsent(place, other -> other.place().equals(place));
        }
        return parts;
    }

    private static Map<String, Item> scratch(Chain chain, LinkIds ids, String place, Predicate<Node> here) {
        Map<String, Item> items = new LinkedHashMap<>();
        boolean machine = chain.nodes().stream().anyMatch(node -> here.test(node) && node.placement() == Placement.VM);
        Layout layout = new Layout(chain, ids, here);
        List<String> uses = layout.scratchUses();
        List<Integer> regions = layout.scratchRegions();
        for (int i = 0; i < regions.size(); i++) {
            int slots = layout.scratchRings().get(i);
            String name = "scratch" + (place.isEmpty() ? "" : " of " + place);
            // A guest cannot make rings in the host's region: there it is a pipe, of which one end is open.
            items.put(
                    name + ": " + uses.get(i),
                    machine
                            ? new Item(name, 1, PIPE_RINGS, slots(slots), 2 * slots(slots), regions.get(i))
                            : Item.port(name, 1, slots, regions.get(i)));
        }
        return items;
    }

    /** A port at an end of the chain: nothing where it lies in a region of its own, or in the kernel's. */
    private static List<Item> outside(Node node, int region) {
        String text = node.port();
        PortSpec spec;
        try {
            spec = AdapterSpec.matches(text) ? AdapterSpec.parse(text).region() : PortSpec.parse(text);
        } catch (IllegalArgumentException malformed) {
            // Who opens it says what is wrong.
            return List.of();
        }
        if (spec.isSwitchPort() || spec.memId() > 1) {
            return List.of();
        }
        PortSpec.Conf conf = spec.conf();
        int slots = Math.max(
                slots(conf.txSlots() == 0 ? DEFAULT_SLOTS : conf.txSlots()),
                slots(conf.rxSlots() == 0 ? DEFAULT_SLOTS : conf.rxSlots()));
        int rings = Math.max(1, conf.txRings()) + Math.max(1, conf.rxRings());
        if (spec.isPipeEnd()) {
            return List.of(new Item("port " + text, 1, 2 * rings, slots, rings * slots, region));
        }
        Item port = Item.port("port " + text, rings, slots, region);
        if (AdapterSpec.matches(text)) {
            return List.of(port);
        }
        int receiveRings = Math.max(1, conf.rxRings());
        int reserve = RegionConfig.INTERFACE_RESERVE;
        return List.of(
                port, new Item("reserve of port " + text, 0, receiveRings, reserve, receiveRings * reserve, region));
    }

    /**
     * Sums over items.
     *
     * @param slots of the largest ring
     */
    private record Totals(int interfaces, int rings, int slots, int buffers) {
        static Totals of(List<Item> items) {
            return new Totals(
                    items.stream().mapToInt(Item::interfaces).sum(),
                    items.stream().mapToInt(Item::rings).sum(),
                    items.stream().mapToInt(Item::slots).max().orElse(0),
                    items.stream().mapToInt(Item::buffers).sum() + RESERVED_BUFFERS);
        }

        /** What a region must have that any of the items' regions could be. */
        static Totals most(List<Item> items) {
            Totals most = of(List.of());
            for (List<Item> inOne :
                    items.stream().collect(Collectors.groupingBy(Item::region)).values()) {
                Totals one = of(inOne);
                most = new Totals(
                        Math.max(most.interfaces, one.interfaces),
                        Math.max(most.rings, one.rings),
                        Math.max(most.slots, one.slots),
                        Math.max(most.buffers, one.buffers));
            }
            return most;
        }
    }

    /** {@code netmap_if} objects needed in a region; this and the following: in that which needs most of them. */
    public int interfaces() {
        return Totals.most(items).interfaces;
    }

    /** Rings needed. */
    public int rings() {
        return Totals.most(items).rings;
    }

    /** Slots of the largest ring. */
    public int slots() {
        return Totals.most(items).slots;
    }

    /** Buffers needed, those that are never handed out included. */
    public int buffers() {
        return Totals.most(items).buffers;
    }

    /** Bytes that are touched when all is open: what the chain costs of the machine's memory. */
    public long bytesUsed() {
        Totals all = Totals.of(items);
        return (long) (all.buffers + (regions - 1) * RESERVED_BUFFERS) * bufferSize
                + items.stream()
                        .mapToLong(item -> item.rings() * NetmapRing.size(item.slots()))
                        .sum()
                + (long) all.interfaces * region.ifSize();
    }

    /** Bytes of the regions' pools, of which those that are never touched cost nothing. */
    public long bytesReserved() {
        return regions * region.poolBytes();
    }

    private void check(Chain chain) {
        long pipes = IntStream.range(0, chain.links().size())
                .filter(link -> Crossing.kind(chain, link) == Crossing.Kind.PIPE)
                .count();
        require(
                pipes <= MAX_PIPES,
                "chain " + chain.name() + " needs " + pipes + " pipes, netmap has room for " + MAX_PIPES
                        + " under one name: put neighbours into the same process or machine");
        int switches = SwitchLink.of(chain).size();
        require(
                switches <= KernelLimits.NM_BRIDGES,
                "chain " + chain.name() + " has " + switches + " links of type vale, a host has room for "
                        + KernelLimits.NM_BRIDGES + " switches: use type pipe between functions that trust each other");
        require(
                buffers() <= region.buffers(),
                String.format(
                        Locale.ROOT,
                        "chain %s needs %,d packet buffers, its memory has %,d: set memory.buffers to %d or more, or to 0,"
                                + " or give links fewer slots; 'nfv plan %s --memory' shows which take how many",
                        chain.name(),
                        buffers(),
                        region.buffers(),
                        wish(buffers(), region),
                        chain.source()));
        requireLimit(chain, "packet buffers", region.bufNum(), PoolLayout.Limits.GLOBAL_BUF);
        requireLimit(chain, "rings", region.ringNum(), PoolLayout.Limits.GLOBAL_RING);
        requireLimit(chain, "ports", region.ifNum(), PoolLayout.Limits.GLOBAL_IF);
    }

    private static void requireLimit(Chain chain, String what, int count, PoolLayout.Limits limits) {
        require(
                count <= limits.maxCount(),
                String.format(
                        Locale.ROOT,
                        "chain %s needs %,d %s, a region has room for %,d: use fewer or smaller links",
                        chain.name(),
                        count,
                        what,
                        limits.maxCount()));
    }

    /**
     * Refuses a region that exists already and is too small for the chain, even if nobody else used it.
     *
     * @throws ChainFailedException with numbers
     */
    public void requireRoom(Chain chain, PoolsInfo pools) {
        requirePool(chain, "packet buffers", buffers(), pools.buffer().objects());
        requirePool(chain, "rings", rings(), pools.ring().objects());
        requirePool(chain, "ports", interfaces(), pools.netmapIf().objects());
        require(
                NetmapRing.size(slots()) <= pools.ring().objectSize(),
                String.format(
                        Locale.ROOT,
                        "chain %s has a link of %,d slots, which takes a ring of %,d bytes; those of region %d have %,d:"
                                + " give links fewer slots",
                        chain.name(),
                        slots(),
                        NetmapRing.size(slots()),
                        pools.memId(),
                        pools.ring().objectSize()));
    }

    /**
     * Refuses a change of a running chain that its region has no room for: what is new must find room besides what there was.
     *
     * @param presentIds of the links of {@code present}
     * @param targetIds of the links of {@code target}
     * @throws ChainFailedException with numbers
     */
    static void requireRoomForChange(
            Chain present, LinkIds presentIds, Chain target, LinkIds targetIds, PoolsInfo pools) {
        MemoryPlan afterwards = of(target);
        Map<String, Item> meanwhile = uses(present, presentIds);
        uses(target, targetIds).forEach(meanwhile::putIfAbsent);
        new MemoryPlan(List.copyOf(meanwhile.values()), afterwards.region, afterwards.regions, afterwards.bufferSize)
                .requireRoom(target, pools);
    }

    private static void requirePool(Chain chain, String what, int needed, int present) {
        require(
                needed <= present,
                String.format(
                        Locale.ROOT,
                        "chain %s needs %,d %s, the host's region has %,d: start the host with more, or give links fewer slots",
                        chain.name(),
                        needed,
                        what,
                        present));
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new ChainFailedException(problem);
        }
    }
}
