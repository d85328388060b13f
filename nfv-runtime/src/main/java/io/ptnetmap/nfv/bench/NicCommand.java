// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.host.InterfaceMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "nic",
        description = {
            "Measures how fast a process in the middle forwards between two network interfaces.",
            "",
            "Two network stacks talk through it over virtual Ethernet (veth), each in a network namespace of its own: a TCP transfer, "
                    + "which must arrive unchanged, and 60-byte packets sent as fast as one can. By a Java process with XDP sockets "
                    + "and with packet sockets, and by the kernel's own bridge, by turns. Needs root.",
            ""
        })
final class NicCommand extends ScenarioCommand {
    private static final int MEGA = 1 << 20;

    @Option(
            names = "--megabytes",
            paramLabel = "COUNT",
            defaultValue = "200",
            description = "Size of each TCP transfer. Default: ${DEFAULT-VALUE}.")
    private int megabytes;

    @Option(
            names = "--millis",
            paramLabel = "COUNT",
            defaultValue = "300",
            description = "How long packets are sent in each round. Default: ${DEFAULT-VALUE}.")
    private int millis;

    @Override
    Map<String, Object> parameters() {
        requireRange("--megabytes", megabytes, 1, 1 << 16);
        requireRange("--millis", millis, 1, 60_000);
        return new LinkedHashMap<>(Map.of("megabytes", megabytes, "millis", millis));
    }

    @Override
    Map<String, String> prepare() {
        return Map.of();
    }

    @Override
    void measure(Session session) {
        try (Cleanup cleanup = new Cleanup()) {
            for (String program : List.of("unshare", "nsenter")) {
                Tool.require(program, "util-linux");
            }
            Tool.require("ip", "iproute2");
            Map<String, String> ways = new LinkedHashMap<>();
            ways.put("Java, AF_XDP", InterfaceMode.XDP.toString());
            ways.put("Java, AF_PACKET", InterfaceMode.PACKET.toString());
            ways.put("kernel's bridge", "");
            List<Contender> contenders = new ArrayList<>();
            ways.forEach((name, mode) -> {
                NicRig rig = new NicRig(name, mode, cleanup);
                contenders.add(new Contender(name, () -> rig.round((long) megabytes * MEGA, millis * 1_000_000L)));
            });
            List<Metric> metrics = List.of(
                    new Metric("TCP", "Gbit/s"), new Metric("60-byte packets", "Mpps"), new Metric("lost", "%", false));
            session.measure(new Variant(Map.of(), metrics, contenders));
        } catch (MissingException refused) {
            throw new BenchException(
                    "no namespaces with virtual interfaces, which takes root: " + refused.getMessage());
        }
    }
}
