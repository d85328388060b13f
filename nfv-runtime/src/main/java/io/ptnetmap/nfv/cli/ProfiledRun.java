// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.profile.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The recordings of one run of a chain. */
final class ProfiledRun implements AutoCloseable {
    private final Chain chain;
    private final Path file;
    private final Recorder recorder;

    private ProfiledRun(Chain chain, Path file, Recorder recorder) {
        this.chain = chain;
        this.file = file;
        this.recorder = recorder;
    }

    /**
     * Starts to record in this process.
     *
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    static ProfiledRun start(Chain chain, Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return new ProfiledRun(chain, absolute, Recorder.start(absolute, chain.name()));
    }

    /** For the launch of the chain. */
    LaunchOptions.Profile launchProfile() {
        return new LaunchOptions.Profile(recorder, Optional.of(file));
    }

    /** What came of it, when the chain has ended. */
    ProfileReport report(ChainRun run) {
        recorder.close();
        List<Path> recordings = new ArrayList<>(List.of(file));
        chain.nodes().stream()
                .filter(node -> node.placement() == Placement.OWN)
                .flatMap(node -> launchProfile().recordingOf(node.name()).stream())
                .filter(ProfiledRun::isWritten)
                .forEach(recordings::add);
        return ProfileReport.of(
                run.timeUse(), recordings, List.copyOf(chain.vms().keySet()));
    }

    /** A process that was killed has left an empty file. */
    private static boolean isWritten(Path recording) {
        try {
            return Files.size(recording) != 0;
        } catch (IOException missing) {
            return false;
        }
    }

    @Override
    public void close() {
        recorder.close();
    }
}
