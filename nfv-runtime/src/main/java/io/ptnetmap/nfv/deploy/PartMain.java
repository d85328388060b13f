// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The process of a function with {@code process: own}. It attaches to the host that keeps the chain's region, opens its
 * ends of the pipes and runs the function; its supervisor talks to it through a socket.
 *
 * <p>Should the supervisor die, the process goes on, for it has all it needs; a new run of the chain finds it at its socket.
 * If none comes, it ends after {@value #ORPHAN_SECONDS} s.
 */
public final class PartMain {
    private static final int ORPHAN_SECONDS = 30;
    private static final long CONNECT_TIMEOUT_NANOS = 20_000_000_000L;

    private final Path chainFile;
    private final String node;
    private final Path hostSocket;
    private final int descriptor;
    private final String pcap;
    private final List<Path> functionPath;

    private volatile Engine engine;
    private volatile Throwable failure;
    private volatile boolean supervised;
    private volatile long lastWord = System.nanoTime();
    /** Whether this run of the chain was being ended, so that no later one can go on with this process. */
    private boolean ending;

    private PartMain(String[] arguments) throws IOException {
        this.chainFile = Path.of(arguments[0]);
        this.node = arguments[1];
        this.hostSocket = Path.of(arguments[2]);
        this.descriptor = digest(chainFile, arguments[4]);
        this.pcap = arguments[4];
        this.functionPath = Stream.of(arguments).skip(5).map(Path::of).toList();
    }

    /** @param arguments chain file, node, host's socket, control socket, capture (may be empty), function path ... */
    public static void main(String[] arguments) throws IOException {
        // Ctrl-C is for the supervisor, which then lets the packets arrive first.
        Linux.newSession();
        Path control = Path.of(arguments[3]);
        Files.deleteIfExists(control);
        PartMain part = new PartMain(arguments);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(control));
            Thread.ofPlatform().daemon().name("build").start(part::buildAndStart);
            Thread.ofPlatform().daemon().name("orphan-watch").start(part::watch);
            while (true) {
                part.serve(new Control(server.accept()));
            }
        }
    }

    /** Tells one state of a chain's descriptor from another. */
    static int digest(Path chainFile, String pcap) throws IOException {
        return 31 * Files.readString(chainFile).hashCode() + pcap.hashCode();
    }

    private void buildAndStart() {
        try {
            ChainDescriptor read = ChainDescriptor.read(chainFile);
            ChainDescriptor chosen = pcap.isEmpty() ? read : read.withPcap(Path.of(pcap));
            FunctionRegistry registry =
                    FunctionRegistry.open(Stream.concat(functionPath.stream(), chosen.functionPath().stream())
                            .distinct()
                            .toList());
            Chain chain = chosen.resolve(registry, functionPath);
            Engine built = Engine.builder(Netmap.over(connect()))
                    .build(chain, candidate -> candidate.name().equals(node), registry);
            built.start();
            engine = built;
        } catch (RuntimeException | Error refused) {
            failure = refused;
        }
    }

    private AttachClient connect() {
        long deadline = System.nanoTime() + CONNECT_TIMEOUT_NANOS;
        while (true) {
            try {
                return AttachClient.connect(hostSocket);
            } catch (LinuxException notYet) {
                if (System.nanoTime() - deadline > 0) {
                    throw notYet;
                }
                sleep(5);
            }
        }
    }

    private void watch() {
        while (supervised || System.nanoTime() - lastWord < ORPHAN_SECONDS * 1_000_000_000L) {
            sleep(500);
        }
        System.exit(0);
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Control control) {
        supervised = true;
        try (control) {
            while (true) {
                Control.Command command = control.nextCommand();
                control.reply(answer(command));
                if (command == Control.Command.EXIT) {
                    System.exit(0);
                }
            }
        } catch (IOException supervisorGone) {
            // Wait for the next one.
        } finally {
            lastWord = System.nanoTime();
            supervised = false;
        }
    }

    private Control.Reply answer(Control.Command command) {
        Engine running = engine;
        if (failure != null) {
            return refusal(failure);
        }
        if (running == null) {
            return reply(null, List.of(), null, Map.of());
        }
        ending |= command == Control.Command.STOP_SOURCES || command == Control.Command.STOP;
        try {
            switch (command) {
                case STOP_SOURCES -> running.stopSources();
                case STOP -> running.stop();
                case EXIT -> running.close();
                default -> {}
            }
            Map<String, Map<String, Object>> reports =
                    command == Control.Command.REPORTS ? running.reports() : Map.of();
            return reply(running, running.hops(process()), running.status(), reports);
        } catch (RuntimeException failed) {
            return refusal(failed);
        }
    }

    private static String process() {
        return "pid " + ProcessHandle.current().pid();
    }

    private Control.Reply reply(
            Engine running,
            List<ChainSnapshot.Hop> hops,
            Engine.Status status,
            Map<String, Map<String, Object>> reports) {
        return new Control.Reply(
                "",
                "",
                "",
                ProcessHandle.current().pid(),
                descriptor,
                running != null && !ending,
                status,
                hops,
                running == null ? null : running.conservation(),
                reports);
    }

    private Control.Reply refusal(Throwable cause) {
        NodeConfigurationException refusal = cause instanceof NodeConfigurationException refused
                ? refused
                : new NodeConfigurationException("", "", "");
        return new Control.Reply(
                cause.getMessage() == null ? cause.toString() : cause.getMessage(),
                refusal.node(),
                refusal.field(),
                ProcessHandle.current().pid(),
                descriptor,
                false,
                null,
                List.of(),
                null,
                Map.of());
    }
}
