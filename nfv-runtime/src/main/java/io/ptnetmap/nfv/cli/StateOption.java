// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.LocalNode;
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
                .orElseGet(LocalNode::stateDirectory)
                .toAbsolutePath()
                .normalize();
    }
}
