// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
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

    private final Chain chain;
    private final List<SwitchLink> links;
    private final NetmapDriver driver;
    private volatile Map<String, Map<DropCause, Long>> last = Map.of();
    /** What the ports had dropped before this run, which may have found their host at work. */
    private final Map<String, Map<DropCause, Long>> before;

    /**
     * @param driver of the host that has the switches
     * @param fresh whether the host has been started for this run, so that all drops are this run's
     */
    SwitchAccounts(Chain chain, NetmapDriver driver, boolean fresh) {
        this.chain = chain;
        this.links = SwitchLink.of(chain);
        this.driver = driver;
        this.before = fresh ? Map.of() : dropsByPort();
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
    private Map<String, Map<DropCause, Long>> dropsByPort() {
        if (!links.isEmpty()) {
            try {
                Map<String, Map<DropCause, Long>> drops = new TreeMap<>();
                for (SwitchPort port : driver.valeList()) {
                    port.traffic().ifPresent(traffic -> drops.put(port.name(), traffic.drops()));
                }
                last = drops;
            } catch (LinuxException hostGone) {
                LOG.debug("the switches are gone", hostGone);
            }
        }
        return last;
    }

    /** Causes of drops between two ports, by names of the accounts of functions. */
    private Map<String, Long> drops(Map<String, Map<DropCause, Long>> now, String from, String to) {
        Map<String, Long> drops = new TreeMap<>();
        for (DropCause cause : DropCause.values()) {
            String port = cause.onTheWayIn() ? from : to;
            long count = count(now, port, cause) - count(before, port, cause);
            if (count != 0) {
                drops.merge(nameOf(cause), count, Long::sum);
            }
        }
        return drops;
    }

    private static long count(Map<String, Map<DropCause, Long>> drops, String port, DropCause cause) {
        return drops.getOrDefault(port, Map.of()).getOrDefault(cause, 0L);
    }

    /** The receiver has no room: as with other links, whatever the switch calls it. */
    private static String nameOf(DropCause cause) {
        return cause == DropCause.FULL || cause == DropCause.SHARE
                ? "link-full"
                : "link-" + cause.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What all of the chain's switches have dropped. */
    Conservation conservation() {
        Map<String, Map<DropCause, Long>> now = dropsByPort();
        long dropped = 0;
        for (SwitchLink link : links) {
            dropped += sum(drops(now, link.near(), link.far())) + sum(drops(now, link.far(), link.near()));
        }
        return new Conservation(0, 0, 0, dropped, 0, 0);
    }

    private static long sum(Map<String, Long> drops) {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Accounts of all nodes, with the switches' drops in those of the nodes whose packets they were. */
    List<ChainSnapshot.Hop> applied(List<ChainSnapshot.Hop> hops) {
        if (links.isEmpty()) {
            return hops;
        }
        Map<String, Map<DropCause, Long>> now = dropsByPort();
        Map<String, Map<String, Long>> byNode = new LinkedHashMap<>();
        for (SwitchLink link : links) {
            add(byNode, node(link.link()), drops(now, link.near(), link.far()));
            add(byNode, node(link.link() + 1), drops(now, link.far(), link.near()));
        }
        List<ChainSnapshot.Hop> applied = new ArrayList<>();
        hops.forEach(hop -> applied.add(hop.unsent(byNode.getOrDefault(hop.name(), Map.of()))));
        return applied;
    }

    private Node node(int stage) {
        return chain.stages().get(stage).nodes().getFirst();
    }

    private static void add(Map<String, Map<String, Long>> byNode, Node node, Map<String, Long> drops) {
        Map<String, Long> sum = byNode.computeIfAbsent(node.name(), name -> new TreeMap<>());
        drops.forEach((cause, count) -> sum.merge(cause, count, Long::sum));
    }
}
