// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.UserId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Network namespaces and veth pairs of one test, under names of their own, removed when it is closed. */
final class TestNetwork implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String prefix =
            "p" + Long.toString(ProcessHandle.current().pid() % 100_000, 36) + "x" + NUMBER.incrementAndGet();
    private final List<String> namespaces = new ArrayList<>();
    private final List<String> links = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final Optional<InterfaceMode> mode;

    TestNetwork() {
        this.mode = Optional.empty();
    }

    /** Whose interfaces are opened in this way by ports of this process, until it is closed. */
    TestNetwork(InterfaceMode mode) {
        this.mode = Optional.of(mode);
        System.setProperty(InterfaceMode.VARIABLE, mode.toString());
    }

    /** What a command has said. */
    record Result(int status, String output) {}

    /** Skips the test where there is no way to make namespaces. */
    static void assumePossible() {
        assumeTrue(UserId.current() == 0, "needs root, to make network namespaces");
        assumeTrue(hasTool("ip"), "needs ip(8) of iproute2");
        TestNetwork probe = new TestNetwork();
        String name = probe.prefix + "n";
        assumeTrue(run("ip", "netns", "add", name).status() == 0, "needs a kernel that makes network namespaces");
        run("ip", "netns", "del", name);
        boolean veth = run("ip", "link", "add", name, "type", "veth", "peer", "name", name + "p")
                        .status()
                == 0;
        run("ip", "link", "del", name);
        assumeTrue(veth, "needs a kernel with veth");
    }

    static void assumeTool(String tool) {
        assumeTrue(hasTool(tool), "needs " + tool);
    }

    private static boolean hasTool(String tool) {
        return List.of("/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/").stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory + tool)));
    }

    /** Makes a namespace whose interfaces are the test's. */
    String namespace(String name) {
        String full = prefix + name;
        must("ip", "netns", "add", full);
        namespaces.add(full);
        in(full, "ip", "link", "set", "lo", "up");
        return full;
    }

    /** Makes a pair of interfaces, both in this namespace and up, without addresses. */
    List<String> pair() {
        String left = prefix + "v" + links.size();
        must("ip", "link", "add", left, "type", "veth", "peer", "name", left + "p");
        links.add(left);
        List<String> pair = List.of(left, left + "p");
        pair.forEach(TestNetwork::quiet);
        pair.forEach(link -> awaitCarrier("ip", "link", "show", link));
        return pair;
    }

    /** Makes a pair again that was removed, under the same names. */
    void pairAgain(String left, String right) {
        must("ip", "link", "add", left, "type", "veth", "peer", "name", right);
        List.of(left, right).forEach(TestNetwork::quiet);
        List.of(left, right).forEach(link -> awaitCarrier("ip", "link", "show", link));
    }

    /** Makes a pair, both ends with this many queues, likewise. */
    List<String> pair(int queues) {
        String count = Integer.toString(queues);
        String left = prefix + "v" + links.size();
        String right = left + "p";
        must(
                "ip",
                "link",
                "add",
                left,
                "numrxqueues",
                count,
                "numtxqueues",
                count,
                "type",
                "veth",
                "peer",
                "name",
                right,
                "numrxqueues",
                count,
                "numtxqueues",
                count);
        links.add(left);
        List.of(left, right).forEach(TestNetwork::quiet);
        List.of(left, right).forEach(link -> awaitCarrier("ip", "link", "show", link));
        return List.of(left, right);
    }

    /** Makes an interface here whose other end is {@code eth0} of a namespace, with addresses. */
    String cable(String namespace, String... addresses) {
        String name = pair().getFirst();
        must("ip", "link", "set", name + "p", "netns", namespace, "name", "eth0");
        in(namespace, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.eth0.disable_ipv6=0");
        for (String address : addresses) {
            List<String> command = new ArrayList<>(List.of("ip", "address", "add", address, "dev", "eth0"));
            if (address.contains(":")) {
                command.add("nodad");
            }
            in(namespace, command.toArray(String[]::new));
        }
        in(namespace, "ip", "link", "set", "eth0", "up");
        awaitCarrier(inNamespace(namespace, "ip", "link", "show", "eth0"));
        awaitCarrier("ip", "link", "show", name);
        return name;
    }

    /** Waits until an interface that was set up carries packets: until then, the kernel loses them without a word. */
    static void awaitCarrier(String... show) {
        for (int i = 0; i < 500 && !must(show).contains("qdisc noqueue state UP"); i++) {
            Linux.poll(-1, 0, 10_000_000);
        }
    }

    /** Up, without the chatter of IPv6. */
    private static void quiet(String link) {
        run("sysctl", "-qw", "net.ipv6.conf." + link + ".disable_ipv6=1");
        must("ip", "link", "set", link, "up");
    }

    static String in(String namespace, String... command) {
        return must(inNamespace(namespace, command));
    }

    /** Starts a command that runs until it ends by itself or the network is closed. */
    Process start(ProcessBuilder builder) {
        try {
            Process process = builder.start();
            processes.add(process);
            return process;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static String[] inNamespace(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    static String must(String... command) {
        Result result = run(command);
        assertEquals(0, result.status(), () -> String.join(" ", command) + ": " + result.output());
        return result.output();
    }

    static Result run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(process.waitFor(), output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        for (Process process : processes) {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        links.forEach(link -> run("ip", "link", "del", link));
        namespaces.forEach(name -> run("ip", "netns", "del", name));
        mode.ifPresent(set -> System.clearProperty(InterfaceMode.VARIABLE));
    }
}
