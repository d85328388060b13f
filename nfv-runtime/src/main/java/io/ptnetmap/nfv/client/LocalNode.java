// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.ptnetmap.linux.UserDirectories;
import io.ptnetmap.linux.UserId;
import io.ptnetmap.linux.UserSockets;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/** The node that a user runs on this machine, where nothing else is said. */
public final class LocalNode {
    /** Where it serves browsers, and whoever asks there. */
    public static final URI ADDRESS = URI.create("http://127.0.0.1:8470");

    private static final String ADMIN_TOKEN = "admin.token";

    private static final String UNIX = "unix:";

    private LocalNode() {}

    /** The socket that it serves its user at: {@code node.sock} in the user's directory of sockets. */
    public static Path socket() {
        return socket(System.getenv());
    }

    private static Path socket(Map<String, String> environment) {
        return UserSockets.directory(environment).resolve("node.sock");
    }

    /**
     * Where it serves: at its socket, if somebody does there, else at {@link #ADDRESS}.
     *
     * @param environment that says where the socket is
     */
    static URI address(Map<String, String> environment) {
        Path socket = socket(environment);
        return isOwn(socket) && UserSockets.isServed(socket) ? address(socket) : ADDRESS;
    }

    /** In a directory that is everybody's, somebody else may have been faster. */
    private static boolean isOwn(Path socket) {
        try {
            return Files.getAttribute(socket, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                    .equals(UserId.current());
        } catch (IOException missing) {
            return false;
        }
    }

    /** The address of a node that serves at a Unix socket: {@code unix:PATH}. */
    public static URI address(Path socket) {
        try {
            return new URI("unix", null, socket.toAbsolutePath().normalize().toString(), null);
        } catch (URISyntaxException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    /**
     * The address that a text names.
     *
     * @throws IllegalArgumentException if it is none
     */
    static URI address(String text) {
        return text.startsWith(UNIX) && text.length() > UNIX.length()
                ? address(Path.of(text.substring(UNIX.length())))
                : parsed(text);
    }

    private static URI parsed(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException syntax) {
            throw NodeClientOptions.noAddress(text);
        }
    }

    /** The directory of its state: its store, its tokens, the chains' descriptors. */
    public static Path stateDirectory() {
        return stateDirectory(System.getenv());
    }

    static Path stateDirectory(Map<String, String> environment) {
        return UserDirectories.state(environment::get).resolve("node");
    }

    /** The file with the administrator's token that a node writes at its first start. */
    public static Path adminToken(Path stateDirectory) {
        return stateDirectory.resolve(ADMIN_TOKEN);
    }
}
