// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EngineBuilder;
import io.ptnetmap.nfv.profile.Recorder;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a function with {@code process: own}. It attaches to the host that keeps the chain's region, opens its
 * ends of the pipes and runs the function; its supervisor talks to it through a socket.
 *
 * <p>Should the supervisor die, the process goes on, for it has all it needs; a new run of the chain finds it at its socket.
 * If none comes, it ends after {@value #ORPHAN_SECONDS} s.
 */
public final class PartMain {
    private static final Logger LOG = LoggerFactory.getLogger(PartMain.class);
    private static final int ORPHAN_SECONDS = 30;
    private static final long CONNECT_TIMEOUT_NANOS = 20_000_000_000L;

    private final Path chainFile;
    private final String node;
    private final Path hostSocket;
    private final String pcap;
    private final String recording;
    private final String links;
    private final ChainFiles files;
    private final Path keptState;
    private final List<Path> functionPath;
    private final Path control;
    private final PartServer server;

    /** Those that the part's engine has its functions from, as soon as it is built. */
    private volatile FunctionRegistry functions;

    private volatile boolean supervised;
    private volatile long lastWord = System.nanoTime();

    /** @param read the chain, where it was read before the arguments were known */
    private PartMain(String[] arguments, Optional<ReadChain> read) throws IOException {
        this.chainFile = Path.of(arguments[0]);
        this.node = arguments[1];
        this.hostSocket = Path.of(arguments[2]);
        this.control = Path.of(arguments[3]);
        this.pcap = arguments[4];
        this.recording = arguments[5];
        this.links = arguments[6];
        this.files = ChainFiles.of(arguments[7]);
        this.keptState = Path.of(arguments[8]);
        this.functionPath = Stream.of(arguments).skip(9).map(Path::of).toList();
        String place = "pid " + ProcessHandle.current().pid();
        int digest = digest(chainFile, pcap, recording, links);
        // Captures and functions that the command line names are not in it.
        Optional<ReadChain> same = read.filter(chain -> chain.digest() == digest && pcap.isEmpty())
                .filter(chain -> chain.chain().functionPath().equals(functionPath))
                .filter(chain -> chain.chain().files().equals(files));
        this.server = new PartServer(
                place,
                digest,
                new PartFiles(control.toAbsolutePath().getParent()),
                () -> build(same.orElseGet(this::read)),
                this::isHere,
                this::changed);
    }

    /**
     * Runs until the supervisor ends it.
     *
     * @param given chain file, node, host's socket, control socket, capture, recording and numbers of the links (these may be
     *     empty), where its files are, what is kept of its state (there may be no such file), function path ...;
     *     or the chain file only, and {@linkplain JavaProcess#arguments all of these} follow
     */
    public static void main(String[] given) throws IOException {
        HeadStart.begin();
        // Ctrl-C is for the supervisor, which then lets the packets arrive first.
        Linux.newSession();
        if (given.length > 1) {
            run(given, Optional.empty());
            return;
        }
        Thread.ofPlatform().daemon().name("head-start-control").start(Control::warmUp);
        Optional<ReadChain> read = ReadChain.attempt(Path.of(given[0]));
        String[] arguments = JavaProcess.arguments(System.in);
        if (arguments.length > 0) {
            run(arguments, read);
        }
    }

    private static void run(String[] arguments, Optional<ReadChain> read) throws IOException {
        Path control = Path.of(arguments[3]);
        Files.deleteIfExists(control);
        PartMain part = new PartMain(arguments, read);
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
    static int digest(Path chainFile, String pcap, String recording, String links) throws IOException {
        return Objects.hash(Files.readString(chainFile), pcap, recording, links);
    }

    /**
     * A chain with the functions it uses.
     *
     * @param digest of its file, without capture and recording
     */
    private record ReadChain(Chain chain, FunctionRegistry functions, int digest) {
        static ReadChain of(ChainDescriptor descriptor, List<Path> functionPath, int digest) {
            FunctionRegistry functions = FunctionRegistry.open(functionPath);
            return new ReadChain(descriptor.resolve(functions, functionPath), functions, digest);
        }

        /** As the file has it; nothing where it cannot be read, which is for the supervisor to tell. */
        static Optional<ReadChain> attempt(Path file) {
            try {
                int digest = PartMain.digest(file, "", "", "");
                ChainDescriptor descriptor = ChainDescriptor.read(file);
                return Optional.of(of(descriptor, descriptor.functionPath(), digest));
            } catch (IOException | RuntimeException toBeTold) {
                LOG.debug("cannot read {} beforehand", file, toBeTold);
                return Optional.empty();
            }
        }
    }

    private ReadChain read() {
        ChainDescriptor read = ChainDescriptor.read(chainFile, files);
        ChainDescriptor chosen = pcap.isEmpty() ? read : read.withPcap(Path.of(pcap));
        return ReadChain.of(
                chosen,
                Stream.concat(functionPath.stream(), chosen.functionPath().stream())
                        .distinct()
                        .toList(),
                0);
    }

    private Engine build(ReadChain read) {
        EngineBuilder builder = Engine.builder(Netmap.over(connect())).stamps(RunDirectory.stampsBeside(control));
        if (!recording.isEmpty()) {
            builder.profiled(Recorder.start(Path.of(recording), read.chain().name() + ", " + node));
        }
        PresentChain.links(links).ifPresent(builder::links);
        builder.states(function -> KeptFile.open(keptState));
        functions = read.functions();
        return builder.build(read.chain(), this::isHere, read.functions());
    }

    /** What the chain is to be, of which the file may have changed since. */
    private Chain changed(ChangeOrder order) {
        Path file = Path.of(order.chain());
        ChainDescriptor read = ChainDescriptor.read(file, files);
        ChainDescriptor chosen = pcap.isEmpty() ? read : read.withPcap(Path.of(pcap));
        try {
            server.descriptorAfterwards(digest(file, pcap, recording, PresentChain.argument(order.links())));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
        return chosen.resolve(functions, functionPath);
    }

    private boolean isHere(Node candidate) {
        return candidate.name().equals(node) && candidate.placement() == Placement.OWN;
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
