// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The node that a user runs on this machine, where nothing else is said. */
public final class LocalNode {
    /** Where it serves. */
    public static final URI ADDRESS = URI.create("http://127.0.0.1:8470");

    private static final String ADMIN_TOKEN = "admin.token";

    private LocalNode() {}

    /** The directory of its state: its store, its tokens, the chains' descriptors. */
    public static Path stateDirectory() {
        return stateDirectory(System.getenv());
    }

    static Path stateDirectory(Map<String, String> environment) {
        return Optional.ofNullable(environment.get("XDG_STATE_HOME"))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "state"))
                .resolve("ptnetmap/node");
    }

    /** The file with the administrator's token that a node writes at its first start. */
    public static Path adminToken(Path stateDirectory) {
        return stateDirectory.resolve(ADMIN_TOKEN);
    }
}
