// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.linux.UserSockets;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.engine.StampBoard;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Where the processes of a chain meet: a directory of the user's own with their sockets, the same each time the chain is
 * run. A run that finds sockets that still answer takes these processes over.
 */
final class RunDirectory implements AutoCloseable {
    private static final String STAMPS = "stamps";
    /** Socket paths may have 107 bytes. */
    private static final int DIGEST_BYTES = 6;

    private final Path path;
    private final FileChannel lockFile;

    private RunDirectory(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * The directory of a chain, locked against a second run.
     *
     * @throws ChainFailedException if the chain is running already
     */
    static RunDirectory claim(Chain chain) {
        try {
            Path path = create(chain);
            FileChannel channel =
                    FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!lock(channel)) {
                channel.close();
                throw new ChainFailedException("chain '" + chain.name() + "' from " + chain.source()
                        + " is running already: stop that run first, or copy the file under another name");
            }
            return new RunDirectory(path, channel);
        } catch (IOException failure) {
            throw new ChainFailedException("cannot make a directory for the chain's sockets: " + failure, failure);
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException runsInThisProcess) {
            return false;
        }
    }

    private static Path create(Chain chain) throws IOException {
        Path base = Netmap.defaultSocket().getParent();
        UserSockets.createPrivate(base);
        Path runs = base.resolve("runs");
        UserSockets.createPrivate(runs);
        Path run =
                runs.resolve(digest(chain.source().toAbsolutePath().normalize().toString()));
        UserSockets.createPrivate(run);
        return run;
    }

    /** The directory, of the user's own. */
    Path path() {
        return path;
    }

    /** Socket of the embedded host that keeps the chain's region. */
    Path hostSocket() {
        return path.resolve("host");
    }

    /** Socket by which the process of a node is controlled. */
    Path controlSocket(String node) {
        return path.resolve("node-" + digest(node));
    }

    /** Where a node's process finds what is kept of an earlier one. */
    Path keptState(String node) {
        return path.resolve(keptName(node));
    }

    /** What that file is called, wherever the node runs. */
    static String keptName(String node) {
        return "kept-" + digest(node);
    }

    /** Where a node's process puts its state, to be kept. */
    Path takenState(String node) {
        return path.resolve(takenName(node));
    }

    /** What that file is called, wherever the node runs. */
    static String takenName(String node) {
        return "taken-" + digest(node);
    }

    /** Where the state of a node is put while it goes from one process to another. */
    Path handedState(String node) {
        return path.resolve("state-" + digest(node));
    }

    /** Short, and another one for each name: {@link String#hashCode} is the same for {@code lan} and {@code lc0}. */
    private static String digest(String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Where the processes leave the times of packets for each other. */
    Optional<StampBoard> stamps() {
        return stamps(path);
    }

    /** Likewise for a process that knows its {@linkplain #controlSocket socket} only. */
    static Optional<StampBoard> stampsBeside(Path controlSocket) {
        return stamps(controlSocket.toAbsolutePath().getParent());
    }

    private static Optional<StampBoard> stamps(Path directory) {
        return StampBoard.open(directory.resolve(STAMPS));
    }

    @Override
    public void close() {
        // Nobody runs any more; where the supervisor dies, its processes go on, and with them the file.
        try (lockFile) {
            Files.deleteIfExists(path.resolve(STAMPS));
        } catch (IOException ignored) {
            // The lock ends with the process at the latest.
        }
    }
}
