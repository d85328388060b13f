// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EngineBuilder;
import io.ptnetmap.nfv.profile.Recorder;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
    private final String pcap;
    private final String recording;
    private final List<Path> functionPath;
    private final PartServer server;

    private volatile boolean supervised;
    private volatile long lastWord = System.nanoTime();

    private PartMain(String[] arguments) throws IOException {
        this.chainFile = Path.of(arguments[0]);
        this.node = arguments[1];
        this.hostSocket = Path.of(arguments[2]);
        this.pcap = arguments[4];
        this.recording = arguments[5];
        this.functionPath = Stream.of(arguments).skip(6).map(Path::of).toList();
        String place = "pid " + ProcessHandle.current().pid();
        this.server = new PartServer(place, digest(chainFile, pcap, recording), this::build);
    }

    /** @param arguments chain file, node, host's socket, control socket, capture and recording (may be empty), function path ... */
    public static void main(String[] arguments) throws IOException {
        HeadStart.begin();
        // Ctrl-C is for the supervisor, which then lets the packets arrive first.
        Linux.newSession();
        Path control = Path.of(arguments[3]);
        Files.deleteIfExists(control);
        PartMain part = new PartMain(arguments);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(control));
            part.server.start();
            Thread.ofPlatform().daemon().name("orphan-watch").start(part::watch);
            while (true) {
                part.serve(new Control(server.accept()));
            }
        }
    }

    /** Tells one state of a chain's descriptor, and of the options of its run, from another. */
    static int digest(Path chainFile, String pcap, String recording) throws IOException {
        return Objects.hash(Files.readString(chainFile), pcap, recording);
    }

    private Engine build() {
        ChainDescriptor read = ChainDescriptor.read(chainFile);
        ChainDescriptor chosen = pcap.isEmpty() ? read : read.withPcap(Path.of(pcap));
        FunctionRegistry registry =
                FunctionRegistry.open(Stream.concat(functionPath.stream(), chosen.functionPath().stream())
                        .distinct()
                        .toList());
        Chain chain = chosen.resolve(registry, functionPath);
        EngineBuilder builder = Engine.builder(Netmap.over(connect()));
        if (!recording.isEmpty()) {
            builder.profiled(Recorder.start(Path.of(recording), chain.name() + ", " + node));
        }
        return builder.build(chain, candidate -> candidate.name().equals(node), registry);
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
            server.serve(control);
            System.exit(0);
        } catch (IOException supervisorGone) {
            // Wait for the next one.
        } finally {
            lastWord = System.nanoTime();
            supervised = false;
        }
    }
}
