// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A node.
 *
 * @param driver what its ports are: {@code kernel} or {@code embedded}
 * @param chain whose virtual machine it is
 */
public record NodeDetails(
        String name,
        Kind kind,
        String version,
        Instant started,
        String driver,
        OptionalInt processors,
        Optional<String> chain,
        OptionalInt chains,
        OptionalInt functions) {
    /** What a node is. */
    public enum Kind {
        HOST,
        VM
    }
}
