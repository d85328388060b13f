// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a node keeps what it has to remember. */
final class StateOption {
    @Option(
            names = "--state",
            paramLabel = "DIR",
            description =
                    "The node's directory: its store, its tokens, the chains' descriptors. Default: STATE_DIRECTORY, if it is"
                            + " set, or ptnetmap/node in the user's directory for state.")
    private Optional<Path> state;

    Path directory() {
        return state.or(() ->
                        Optional.ofNullable(System.getenv("STATE_DIRECTORY")).map(Path::of))
                .orElseGet(() -> Optional.ofNullable(System.getenv("XDG_STATE_HOME"))
                        .map(Path::of)
                        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state"))
                        .resolve("ptnetmap/node"))
                .toAbsolutePath()
                .normalize();
    }
}
