// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.engine.LinkIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a chain is at present, which a process or machine that has died is started again for. It reads a copy of the chain's file:
 * that itself may by then say what the chain is to be, or should have become. Thread-safe.
 */
final class PresentChain implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PresentChain.class);
    private static final String COPY = "chain";
    private static final String SEPARATOR = ",";

    private final RunDirectory directory;
    private final AtomicReference<State> state = new AtomicReference<>();

    /**
     * What a chain is.
     *
     * @param file that says so
     */
    record State(Chain chain, LinkIds links, Path file) {
        /** The numbers of its links as an argument of another process; empty for a chain that has never been changed. */
        String linksArgument() {
            return links.equals(LinkIds.of(chain)) ? "" : argument(links.ids());
        }
    }

    PresentChain(RunDirectory directory) {
        this.directory = directory;
    }

    /** Numbers of links as an argument. */
    static String argument(List<Integer> links) {
        return links.stream().map(String::valueOf).collect(Collectors.joining(SEPARATOR));
    }

    /** What such an argument says; nothing of a chain that has never been changed. Which numbers are free is the supervisor's business. */
    static Optional<LinkIds> links(String argument) {
        return argument.isEmpty()
                ? Optional.empty()
                : Optional.of(new LinkIds(
                        Stream.of(argument.split(SEPARATOR))
                                .map(Integer::valueOf)
                                .toList(),
                        0));
    }

    /** Whether it has ever been {@linkplain #become noted}. */
    boolean isKnown() {
        return state.get() != null;
    }

    /** What it has {@linkplain #become become} last. */
    State get() {
        return state.get();
    }

    /** Notes what the chain is from now on, as its file says at this moment. */
    void become(Chain chain, LinkIds links) {
        Path copy = copyOf(chain);
        state.set(new State(chain, links, copy));
        try {
            Path fresh = directory.path().resolve(COPY + "-next");
            Files.copy(chain.source(), fresh, StandardCopyOption.REPLACE_EXISTING);
            Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
            close();
        } catch (IOException remains) {
            LOG.debug("the next change overwrites it", remains);
        }
    }

    private Path copyOf(Chain chain) {
        String name = chain.source().getFileName().toString();
        return directory.path().resolve(COPY + name.substring(Math.max(0, name.lastIndexOf('.'))));
    }

    /** Deletes the copies. */
    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.list(directory.path())) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().startsWith(COPY)) {
                    Files.delete(file);
                }
            }
        }
    }
}
