// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.host.InterfaceMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Three network namespaces in a row, and who forwards in the middle one:
 *
 * <pre>
 *   client  c0 ══ left  forwarder  right ══ s0  server
 * </pre>
 *
 * <p>All end with the processes in them.
 */
final class NicRig {
    private static final String LEFT = "left";
    private static final String RIGHT = "right";
    // Without IPv6, lest the kernel sends packets of its own.
    private static final String QUIET =
            "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || true; ip link set lo up\n";
    private static final double GIGA = 1e9;
    private static final long SETTLE_NANOS = 20_000_000;

    private final String name;
    private final BenchProcess client;
    private final BenchProcess server;

    /**
     * Starts namespaces and processes.
     *
     * @param mode how a Java process in the middle is joined to its interfaces; empty = the kernel's bridge forwards
     * @param cleanup takes what is to be ended afterwards
     */
    NicRig(String name, String mode, Cleanup cleanup) {
        this.name = name;
        BenchProcess middle = namespace(cleanup);
        BenchProcess clients = namespace(cleanup);
        BenchProcess servers = namespace(cleanup);
        run(
                middle,
                "ip link add %s type veth peer name %s netns %d; ip link add %s type veth peer name %s netns %d"
                        .formatted(
                                LEFT,
                                NicWorker.CLIENT_INTERFACE,
                                clients.pid(),
                                RIGHT,
                                NicWorker.SERVER_INTERFACE,
                                servers.pid()));
        run(middle, "ip link set %s up; ip link set %s up".formatted(LEFT, RIGHT));
        run(clients, "ip address add 10.77.0.1/24 dev %1$s; ip link set %1$s up".formatted(NicWorker.CLIENT_INTERFACE));
        run(
                servers,
                "ip address add %2$s/24 dev %1$s; ip link set %1$s up"
                        .formatted(NicWorker.SERVER_INTERFACE, NicWorker.SERVER_ADDRESS));
        if (mode.isEmpty()) {
            run(
                    middle,
                    "ip link add name br0 type bridge; ip link set br0 up; ip link set %s master br0; ip link set %s master br0"
                            .formatted(LEFT, RIGHT));
        } else {
            String property = "-D" + InterfaceMode.VARIABLE + "=" + mode;
            BenchProcess forwarder = worker(middle, property, cleanup, NicWorker.FORWARDER, LEFT, RIGHT);
            String how = forwarder.answer();
            if (!how.startsWith(mode.equals(InterfaceMode.PACKET.toString()) ? "AF_PACKET" : "AF_XDP")) {
                throw new BenchException(name + " is " + how);
            }
        }
        String packet = "-D" + InterfaceMode.VARIABLE + "=" + InterfaceMode.PACKET;
        server = worker(servers, packet, cleanup, NicWorker.SERVER);
        client = worker(clients, packet, cleanup, NicWorker.CLIENT);
    }

    private static BenchProcess namespace(Cleanup cleanup) {
        List<String> command =
                List.of("unshare", "--net", "sh", "-ec", QUIET + "echo " + BenchProcess.READY + "; exec cat");
        BenchProcess namespace = BenchProcess.start("network namespace", command);
        cleanup.add(namespace::close);
        return namespace;
    }

    private static List<String> inside(BenchProcess namespace) {
        return List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net");
    }

    private static void run(BenchProcess namespace, String script) {
        List<String> command = new ArrayList<>(inside(namespace));
        command.addAll(List.of("sh", "-ec", script));
        Tool.output(command);
    }

    private static BenchProcess worker(BenchProcess namespace, String property, Cleanup cleanup, String... arguments) {
        List<String> command = new ArrayList<>(inside(namespace));
        command.addAll(BenchProcess.java(NicWorker.class, List.of(property), List.of()));
        command.addAll(List.of(arguments));
        BenchProcess process = BenchProcess.start(arguments[0], command);
        cleanup.add(process::close);
        return process;
    }

    /**
     * Sends bytes by TCP from one stack to the other, and packets as fast as the client can.
     *
     * @return gigabits per second; million packets per second that arrived, and percent that did not
     */
    double[] round(long bytes, long nanos) {
        server.send("go " + bytes + " 0 0");
        client.send("go " + bytes + " 0 0");
        String[] transfer = client.answer().split(" ");
        if (!server.answer().equals("1")) {
            throw new BenchException(name + ": the bytes of a TCP transfer came changed");
        }
        long before = received();
        client.send("go 0 " + nanos + " 1");
        String[] packets = client.answer().split(" ");
        Patience.sleep(SETTLE_NANOS);
        double arrived = received() - before;
        double sent = Double.parseDouble(packets[0]);
        return new double[] {
            8 * Double.parseDouble(transfer[0]) / Double.parseDouble(transfer[1]),
            arrived / Double.parseDouble(packets[1]) * GIGA / 1e6,
            100 * Math.max(0, sent - arrived) / sent
        };
    }

    private long received() {
        server.send("go 0 0 1");
        return Long.parseLong(server.answer());
    }
}
