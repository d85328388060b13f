// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.engine.LinkIds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the processes of functions with {@code process: own}. Thread-safe. */
final class OwnProcesses {
    private static final Logger LOG = LoggerFactory.getLogger(OwnProcesses.class);
    private static final String COPY = "chain";

    private final RunDirectory directory;
    private final Path host;
    private final boolean regionKept;
    private final LaunchOptions options;
    private final Consumer<AutoCloseable> closer;
    /** What a process that has died is started again for. */
    private final AtomicReference<Running> running = new AtomicReference<>();

    private record Running(Chain chain, LinkIds links) {}

    /**
     * @param host socket of the host that has the chain's region
     * @param regionKept whether the region of an earlier run is still there, so that its processes can go on in it
     * @param closer is given what has to be closed at the chain's end
     */
    OwnProcesses(
            RunDirectory directory,
            Path host,
            boolean regionKept,
            LaunchOptions options,
            Consumer<AutoCloseable> closer) {
        this.directory = directory;
        this.host = host;
        this.regionKept = regionKept;
        this.options = options;
        this.closer = closer;
        closer.accept(this::deleteCopies);
    }

    /**
     * Starts a function's process, without waiting for it. It goes on from what is kept of an earlier one.
     *
     * @param chain that it is to run its part of
     */
    RemotePart launch(Chain chain, LinkIds links, Node node) {
        return launch(chain, links, node, () -> provideState(node));
    }

    /** The same for a process that takes over from a function that runs, so that it is to begin with nothing. */
    RemotePart launchSuccessor(Chain chain, LinkIds links, Node node) {
        return launch(chain, links, node, () -> delete(directory.keptState(node.name())));
    }

    private RemotePart launch(Chain chain, LinkIds links, Node node, Runnable beforeStart) {
        Running now = new Running(chain, links);
        if (running.get() == null) {
            become(chain, links);
        }
        Path control = directory.controlSocket(node.name());
        try {
            int digest = PartMain.digest(chain.source(), pcap(), recording(node), text(now));
            RemotePart part = new RemotePart(
                    new ProcessRunner(
                            node.name(),
                            control,
                            digest,
                            regionKept,
                            () -> {
                                beforeStart.run();
                                return JavaProcess.start(
                                        PartMain.class,
                                        arguments(now, now.chain().source(), node, control));
                            },
                            () -> {
                                provideState(node);
                                Running present = running.get();
                                return JavaProcess.start(
                                        PartMain.class, arguments(present, copyOf(present.chain()), node, control));
                            }),
                    node.name(),
                    Optional.of(directory.takenState(node.name())),
                    node.onFailure());
            closer.accept(() -> forgetStates(node.name()));
            closer.accept(part);
            part.launch();
            return part;
        } catch (IOException unreadable) {
            throw new ChainFailedException("cannot read " + chain.source() + ": " + FileErrors.why(unreadable));
        }
    }

    private String pcap() {
        return options.pcap().map(Path::toString).orElse("");
    }

    private String recording(Node node) {
        return options.recordingOf(node.name()).map(Path::toString).orElse("");
    }

    private static String text(Running run) {
        return run.links().equals(LinkIds.of(run.chain()))
                ? ""
                : text(run.links().ids());
    }

    /** Numbers of links as an argument. */
    static String text(List<Integer> links) {
        return links.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private List<String> arguments(Running run, Path file, Node node, Path control) {
        List<String> arguments = new ArrayList<>(List.of(
                file.toString(),
                node.name(),
                host.toString(),
                control.toString(),
                pcap(),
                recording(node),
                text(run),
                run.chain().files().argument(),
                directory.keptState(node.name()).toString()));
        run.chain().functionPath().forEach(path -> arguments.add(path.toString()));
        return arguments;
    }

    /** Puts what is kept of a function where its process finds it when it is started, or restored. */
    void provideState(Node node) {
        Path file = directory.keptState(node.name());
        delete(file);
        try {
            Optional<InputStream> kept = options.stateSource().open(node.name());
            if (kept.isPresent()) {
                try (InputStream in = kept.get()) {
                    Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException failure) {
            LOG.warn("what is kept of function '{}' cannot be read: {}", node.name(), FileErrors.why(failure));
            delete(file);
        }
    }

    private void forgetStates(String function) {
        delete(directory.keptState(function));
        delete(directory.takenState(function));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw new ChainFailedException("cannot delete " + file + ": " + FileErrors.why(failure), failure);
        }
    }

    /** Notes what the chain is from now on, as its file says at this moment. */
    void become(Chain chain, LinkIds links) {
        running.set(new Running(chain, links));
        try {
            Path fresh = directory.path().resolve(COPY + "-next");
            Files.copy(chain.source(), fresh, StandardCopyOption.REPLACE_EXISTING);
            Files.move(fresh, copyOf(chain), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException unreadable) {
            LOG.warn(
                    "processes that die cannot be started again, for {} cannot be copied: {}",
                    chain.source(),
                    unreadable.getMessage());
            forgetWhatWas();
        }
    }

    /** A process of the chain as it was must not come back into what it has become. */
    private void forgetWhatWas() {
        try {
            deleteCopies();
        } catch (IOException remains) {
            LOG.debug("the next change overwrites it", remains);
        }
    }

    /**
     * What processes read that are started again: the chain's own file may by then say what the chain is to be, or should have
     * become.
     */
    private Path copyOf(Chain chain) {
        String name = chain.source().getFileName().toString();
        return directory.path().resolve(COPY + name.substring(Math.max(0, name.lastIndexOf('.'))));
    }

    private void deleteCopies() throws IOException {
        try (Stream<Path> files = Files.list(directory.path())) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith(COPY)) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Where the state of a function is put while it goes from one process to another. */
    Path stateFile(String function) {
        return directory.path().resolve("state-" + Integer.toHexString(function.hashCode()));
    }
}
