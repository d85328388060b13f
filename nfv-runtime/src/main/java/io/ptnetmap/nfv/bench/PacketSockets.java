// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Packet sockets (packet(7)) at the ends of a pair of virtual Ethernet interfaces, between two Java processes. The interfaces
 * are in a network namespace of their own, which ends with the processes in it.
 *
 * @param task of each round
 */
record PacketSockets(StreamTask task) implements Candidate {
    private static final List<String> NAMESPACE = List.of("unshare", "--net", "sh", "-ec");
    // Without IPv6, lest the kernel sends packets of its own.
    private static final String INTERFACES =
            """
            echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || true
            ip link add %s type veth peer name %s
            ip link set %s up
            ip link set %s up
            """.formatted(SocketWorker.SENDER, SocketWorker.RECEIVER, SocketWorker.SENDER, SocketWorker.RECEIVER);

    @Override
    public String name() {
        return "packet sockets";
    }

    @Override
    public String find() {
        for (String program : List.of("unshare", "nsenter")) {
            Tool.require(program, "util-linux");
        }
        Tool.require("ip", "iproute2");
        try {
            Tool.output(namespace(INTERFACES));
        } catch (MissingException refused) {
            throw new MissingException(
                    "no network namespace with virtual interfaces, which takes root: " + refused.getMessage());
        }
        return "sendmmsg(2) and recvmmsg(2) over veth, two Java processes";
    }

    private static List<String> namespace(String script) {
        List<String> command = new ArrayList<>(NAMESPACE);
        command.add(script);
        return command;
    }

    @Override
    public Contender start(Cleanup cleanup) {
        BenchProcess namespace =
                BenchProcess.start("network namespace", namespace(INTERFACES + "echo " + BenchProcess.READY + "; cat"));
        cleanup.add(namespace::close);
        List<Integer> cpus = Machine.pair();
        ProcessPair pair = new ProcessPair(
                name(),
                worker(namespace, SocketWorker.SENDER, cpus.getFirst()),
                worker(namespace, SocketWorker.RECEIVER, cpus.getLast()));
        cleanup.add(pair::close);
        return new Contender(name(), () -> pair.run(task));
    }

    private static List<String> worker(BenchProcess namespace, String role, int cpu) {
        List<String> command = new ArrayList<>(List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net"));
        command.addAll(BenchProcess.java(SocketWorker.class));
        command.addAll(List.of(role, String.valueOf(cpu)));
        return command;
    }
}
