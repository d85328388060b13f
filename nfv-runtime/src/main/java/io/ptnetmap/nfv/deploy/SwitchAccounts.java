// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.Quiet;
import io.ptnetmap.nfv.engine.SwitchLink;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The switches of a chain's links of type {@code vale}, and what they drop: a function has booked such a packet as sent, so its
 * account is put right. Thread-safe.
 */
final class SwitchAccounts {
    private static final Logger LOG = LoggerFactory.getLogger(SwitchAccounts.class);

    private final NetmapDriver driver;
    private volatile Drops last = Drops.NONE;
    private volatile Charges charges;

    /**
     * What the switches' ports have dropped.
     *
     * @param byPort since they were made
     */
    record Drops(Map<String, Map<DropCause, Long>> byPort) {
        static final Drops NONE = new Drops(Map.of());

        private long count(String port, DropCause cause) {
            return byPort.getOrDefault(port, Map.of()).getOrDefault(cause, 0L);
        }

        /** Drops between two ports since {@code before}, by their cause as functions' accounts call it. */
        private Map<String, Long> since(Drops before, String from, String to) {
            Map<String, Long> drops = new TreeMap<>();
            for (DropCause cause : DropCause.values()) {
                String port = cause.onTheWayIn() ? from : to;
                long count = count(port, cause) - before.count(port, cause);
                if (count != 0) {
                    drops.merge(nameOf(cause), count, Long::sum);
                }
            }
            return drops;
        }
    }

    /**
     * Who answers for drops.
     *
     * @param chain as it is
     * @param links of it by switches
     * @param before drops that this is not about
     * @param settled those after the run began that whoever sent there then answers for, by node and cause
     */
    private record Charges(Chain chain, List<SwitchLink> links, Drops before, Map<String, Map<String, Long>> settled) {
        /** Drops that nodes answer for, by cause. */
        Map<String, Map<String, Long>> byNode(Drops now) {
            Map<String, Map<String, Long>> all = new LinkedHashMap<>();
            settled.forEach((node, drops) -> add(all, node, drops));
            for (SwitchLink link : links) {
                add(all, node(link.link()), now.since(before, link.near(), link.far()));
                add(all, node(link.link() + 1), now.since(before, link.far(), link.near()));
            }
            return all;
        }

        private String node(int stage) {
            return chain.stages().get(stage).nodes().getFirst().name();
        }

        private static void add(Map<String, Map<String, Long>> byNode, String node, Map<String, Long> drops) {
            Map<String, Long> sum = byNode.computeIfAbsent(node, name -> new TreeMap<>());
            drops.forEach((cause, count) -> sum.merge(cause, count, Long::sum));
        }
    }

    /**
     * @param driver of the host that has the switches
     * @param fresh whether the host has been started for this run, so that all drops are this run's
     */
    SwitchAccounts(Chain chain, NetmapDriver driver, boolean fresh) {
        this.driver = driver;
        this.charges = new Charges(chain, SwitchLink.of(chain), Drops.NONE, Map.of());
        if (!fresh) {
            charges = new Charges(chain, charges.links, look(), Map.of());
        }
    }

    /** Makes the switch of a link, for good: its ports are persistent. */
    static void make(NetmapDriver driver, SwitchLink link) {
        make(driver, link.nearName(), link.near(), link.slots(), link.region());
        make(driver, link.farName(), link.far(), link.slots(), link.region() + 1);
    }

    private static void make(NetmapDriver driver, String port, String attached, int slots, int region) {
        driver.valeNewif(
                new PortRequest(port, NmreqRegister.NR_REG_ALL_NIC, 0, 0, region, slots, slots, 1, 1, 0, 0, 0));
        driver.valeAttach(PortRequest.of(attached, NmreqRegister.NR_REG_ALL_NIC));
    }

    /** As of now; where the host has gone, as of before: its switches drop nothing any more. */
    Drops look() {
        if (!charges.links.isEmpty()) {
            try {
                Map<String, Map<DropCause, Long>> drops = new TreeMap<>();
                for (SwitchPort port : driver.valeList()) {
                    port.traffic().ifPresent(traffic -> drops.put(port.name(), traffic.drops()));
                }
                last = new Drops(drops);
            } catch (LinuxException hostGone) {
                LOG.debug("the switches are gone", hostGone);
            }
        }
        return last;
    }

    /** The receiver has no room: as with other links, whatever the switch calls it. */
    private static String nameOf(DropCause cause) {
        return cause == DropCause.FULL || cause == DropCause.SHARE
                ? "link-full"
                : "link-" + cause.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What all of the chain's switches have dropped since this run began. */
    private long dropped() {
        return charges.byNode(look()).values().stream()
                .mapToLong(SwitchAccounts::sum)
                .sum();
    }

    private static long sum(Map<String, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * What switches have dropped from one look to another.
     *
     * @param ids of the chain's links
     * @param quiet the links and directions that are asked about
     */
    long dropped(Drops from, Drops to, LinkIds ids, Quiet quiet) {
        long dropped = 0;
        for (SwitchLink link : charges.links) {
            int id = ids.ids().get(link.link());
            dropped += quiet.forward().contains(id) ? sum(to.since(from, link.near(), link.far())) : 0;
            dropped += quiet.backward().contains(id) ? sum(to.since(from, link.far(), link.near())) : 0;
        }
        return dropped;
    }

    /** What all of the chain's switches have dropped. */
    Conservation conservation() {
        return new Conservation(0, 0, 0, dropped(), 0, 0);
    }

    /** The same for {@linkplain io.ptnetmap.nfv.engine.Engine#books books}, in which whoever has sent these packets still holds them. */
    Conservation books() {
        long dropped = dropped();
        return new Conservation(0, 0, 0, dropped, 0, -dropped);
    }

    /** Accounts of all nodes, with the switches' drops in those of the nodes whose packets they were. */
    List<ChainSnapshot.Hop> applied(List<ChainSnapshot.Hop> hops) {
        if (charges.links.isEmpty()) {
            return hops;
        }
        Map<String, Map<String, Long>> byNode = charges.byNode(look());
        List<ChainSnapshot.Hop> applied = new ArrayList<>();
        hops.forEach(hop -> applied.add(hop.unsent(byNode.getOrDefault(hop.name(), Map.of()))));
        return applied;
    }

    /**
     * The chain has been changed: from now on others may send to its switches.
     *
     * @param until what had been dropped by then
     */
    void become(Chain chain, Drops until) {
        charges = new Charges(chain, SwitchLink.of(chain), until, charges.byNode(until));
    }
}
