// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** Where the processes of a user meet: Unix sockets in a directory of the user's own. */
public final class UserSockets {
    private static final String PRIVATE = "rwx------";

    private UserSockets() {}

    /** The directory: {@code ptnetmap} in {@code XDG_RUNTIME_DIR} or, without that, {@code /tmp/ptnetmap-UID}. */
    public static Path directory(Map<String, String> environment) {
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        return runtime.isEmpty() ? Path.of("/tmp", "ptnetmap-" + UserId.current()) : Path.of(runtime, "ptnetmap");
    }

    /**
     * Makes a directory that nobody else can enter, unless it is there.
     *
     * @throws IOException if it cannot be made, or is another user's
     */
    public static void createPrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
        }
        if (!Files.getOwner(directory).equals(Files.getOwner(Path.of("/proc/self")))) {
            throw new IOException(directory + " belongs to another user");
        }
    }

    /** Whether somebody listens at a path: a connection is neither refused nor impossible for want of a file. Does not wait. */
    public static boolean isServed(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.configureBlocking(false);
            // Where more wait to be accepted than may, it is neither connected nor refused.
            channel.connect(UnixDomainSocketAddress.of(socket));
            return true;
        } catch (ConnectException nobody) {
            return false;
        } catch (IOException failure) {
            // Such as by a socket of another type.
            return Files.exists(socket);
        }
    }
}
