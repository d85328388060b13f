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
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the processes of functions with {@code process: own}. Thread-safe. */
final class OwnProcesses {
    private static final Logger LOG = LoggerFactory.getLogger(OwnProcesses.class);

    private final RunDirectory directory;
    private final Path host;
    private final boolean regionKept;
    private final LaunchOptions options;
    private final Consumer<AutoCloseable> closer;
    private final PresentChain present;

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
        this.present = new PresentChain(directory);
        closer.accept(present);
    }

    /** What all that is started again is started for. */
    PresentChain present() {
        return present;
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
        PresentChain.State now = new PresentChain.State(chain, links, chain.source());
        if (!present.isKnown()) {
            present.become(chain, links);
        }
        Path control = directory.controlSocket(node.name());
        try {
            int digest = PartMain.digest(chain.source(), pcap(), recording(node), now.linksArgument());
            RemotePart part = new RemotePart(
                    new ProcessRunner(
                            node.name(),
                            host,
                            control,
                            digest,
                            regionKept,
                            () -> {
                                beforeStart.run();
                                return JavaProcess.start(PartMain.class, arguments(now, node, control));
                            },
                            () -> {
                                provideState(node);
                                return JavaProcess.start(PartMain.class, arguments(present.get(), node, control));
                            }),
                    node.name(),
                    function -> directory.takenState(function).toString(),
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

    private List<String> arguments(PresentChain.State run, Node node, Path control) {
        List<String> arguments = new ArrayList<>(List.of(
                run.file().toString(),
                node.name(),
                host.toString(),
                control.toString(),
                pcap(),
                recording(node),
                run.linksArgument(),
                run.chain().files().argument(),
                directory.keptState(node.name()).toString()));
        run.chain().functionPath().forEach(path -> arguments.add(path.toString()));
        return arguments;
    }

    /**
     * Puts what is kept of a function where its process finds it when it is started, or restored.
     *
     * @return that file, whether there is anything or not
     */
    synchronized Path provideState(Node node) {
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
            refuse(file, FileErrors.why(failure));
        }
        return file;
    }

    /** Has the function tell why it begins with nothing. */
    private static void refuse(Path file, String why) {
        try {
            KeptFile.refuse(file, why);
        } catch (IOException failure) {
            LOG.warn("{} cannot be written: {}", file, FileErrors.why(failure));
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

    /** Where the state of a function is put while it goes from one process to another. */
    Path stateFile(String function) {
        return directory.handedState(function);
    }
}
