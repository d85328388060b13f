// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.linux.UserSockets;
import io.ptnetmap.nfv.node.NodeStartException;
import io.vertx.core.http.HttpConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Unix socket that a node serves its own user at, and root. */
final class SocketFile {
    private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);
    /** {@code sun_path} of struct sockaddr_un, without the zero at its end. */
    private static final int LONGEST_PATH = 107;

    private final Path path;
    /** Whose connections need no token; empty until it is known whose socket it is. */
    private volatile Set<UserPrincipal> administrators = Set.of();

    SocketFile(Path path) {
        this.path = path.toAbsolutePath().normalize();
    }

    Path path() {
        return path;
    }

    /**
     * Makes room for a socket, where a node that was killed has left one.
     *
     * @throws NodeStartException if there is something else, or somebody serves there
     */
    void clear() {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_PATH) {
            throw refusal("its path has " + length + " bytes, and a socket's may have " + LONGEST_PATH);
        }
        if (!Files.isDirectory(path.getParent())) {
            throw refusal("there is no directory " + path.getParent() + "; make one that only you can enter");
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw refusal("there is a file that is no socket; remove it, or name another path");
            }
            if (UserSockets.isServed(path)) {
                throw refusal("another process serves there; end it, or name another path");
            }
            Files.delete(path);
        } catch (IOException failure) {
            throw refusal("the socket that is there cannot be replaced: " + failure.getMessage());
        }
    }

    /** Lets in from now on the user that it belongs to, which is the node's, and root. */
    void restrict() {
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            UserPrincipal owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS);
            UserPrincipal root =
                    path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("root");
            administrators = owner.equals(root) ? Set.of(root) : Set.of(owner, root);
        } catch (IOException failure) {
            throw refusal("it cannot be closed to others: " + failure.getMessage());
        }
    }

    private NodeStartException refusal(String why) {
        return new NodeStartException("cannot listen at unix:" + path + ": " + why);
    }

    /** Who is at the other end of a connection, if it is one who needs no token. */
    Optional<Principal> peer(HttpConnection connection) {
        try {
            return Optional.of(Channels.user(connection))
                    .filter(administrators::contains)
                    .map(user -> new Principal("user " + user.getName(), Role.ADMIN));
        } catch (RuntimeException unknown) {
            LOG.warn("who connects to {} cannot be told, so a token is asked for: {}", path, unknown.getMessage());
            return Optional.empty();
        }
    }
}
