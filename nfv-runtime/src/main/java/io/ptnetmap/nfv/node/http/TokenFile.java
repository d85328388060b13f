// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeStartException;
import io.ptnetmap.nfv.node.RefusedException;
import io.ptnetmap.nfv.node.model.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens that a node gives out itself: a file of their digests, for a token is too long to be guessed from one. What another
 * process writes to it holds within a second. Thread-safe.
 */
public final class TokenFile implements Authenticator.Source {
    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);
    private static final String PREFIX = "nfv_";
    private static final int TOKEN_BYTES = 32;
    private static final Object UNREAD = new Object();
    private static final Set<PosixFilePermission> READ_BY_OTHERS =
            Set.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
    private static final long LOOK_NANOS = 500_000_000L;
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path file;
    private volatile List<Entry> entries = List.of();
    private Object version = "";
    private boolean usable = true;
    private long looked;

    /**
     * A token.
     *
     * @param digest of it, SHA-256 in hexadecimal
     * @param expires when it is no longer valid
     */
    public record Entry(String name, Role role, String digest, Optional<Instant> expires) {
        /** What was read may lack anything. */
        private boolean isWhole() {
            return name != null && role != null && digest != null;
        }

        boolean isValid(Instant now) {
            return expires.map(now::isBefore).orElse(true);
        }
    }

    private record Content(List<Entry> tokens) {}

    /** @param state the node's directory */
    public TokenFile(Path state) {
        file = state.resolve("tokens.json");
        entries = read();
    }

    /** Makes an administrator's token if there is no token at all; returns the file that holds it. */
    public Optional<Path> provideFirst() {
        Path place = file.resolveSibling("admin.token");
        if (!entries.isEmpty()) {
            warnOfReaders(place);
            return Optional.empty();
        }
        write(place, add("admin", Role.ADMIN, Optional.empty()) + "\n");
        return Optional.of(place);
    }

    private static void warnOfReaders(Path secret) {
        try {
            if (Files.exists(secret)
                    && Files.getPosixFilePermissions(secret).stream().anyMatch(READ_BY_OTHERS::contains)) {
                LOG.warn("{} may be read by others than its owner: chmod 600, and make another token", secret);
            }
        } catch (IOException unknown) {
            LOG.debug("no look at {}", secret, unknown);
        }
    }

    /**
     * Adds a token and returns it; it can be read nowhere afterwards.
     *
     * @throws NodeStartException if there is one of that name
     */
    public String add(String name, Role role, Optional<Instant> expires) {
        byte[] random = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(random);
        String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        change(before -> {
            if (before.stream().anyMatch(entry -> entry.name().equals(name))) {
                throw new NodeStartException(
                        "there is a token '" + name + "' already; remove it, or take another name");
            }
            List<Entry> after = new ArrayList<>(before);
            after.add(new Entry(name, role, digest(token), expires));
            return after;
        });
        return token;
    }

    /** Removes a token; returns whether there was one of that name. */
    public boolean remove(String name) {
        int before = read().size();
        change(tokens ->
                tokens.stream().filter(entry -> !entry.name().equals(name)).toList());
        return entries.size() < before;
    }

    /** All of them. */
    public List<Entry> list() {
        return read();
    }

    private synchronized void change(UnaryOperator<List<Entry>> change) {
        Path lock = file.resolveSibling("tokens.lock");
        Node.makeDirectory(file.getParent());
        try (FileChannel channel =
                FileChannel.open(lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE)) {
            // Until the channel is closed.
            channel.lock();
            List<Entry> after = change.apply(read());
            write(file, Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(new Content(after)) + "\n");
            entries = after;
        } catch (IOException failure) {
            throw new NodeStartException("cannot write " + file + ": " + failure.getMessage(), failure);
        }
    }

    private static void write(Path place, String text) {
        Path draft = place.resolveSibling(place.getFileName() + ".new");
        try {
            Files.deleteIfExists(draft);
            try (FileChannel channel =
                    FileChannel.open(draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new NodeStartException("cannot write " + place + ": " + failure.getMessage(), failure);
        }
    }

    private List<Entry> read() {
        try {
            if (!Files.exists(file)) {
                return List.of();
            }
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new NodeStartException("others than its owner may write " + file
                        + ", and so make themselves administrators; look whether it is as it should be, and take that"
                        + " from them: chmod 600");
            }
            List<Entry> tokens =
                    Json.read(Files.readString(file), Content.class).tokens();
            if (tokens.stream().allMatch(Entry::isWhole)) {
                return tokens;
            }
            throw damaged("a token has no name, role or digest");
        } catch (IOException failure) {
            throw unreadable(failure);
        } catch (tools.jackson.core.JacksonException failure) {
            throw damaged(failure.getOriginalMessage());
        }
    }

    private NodeStartException damaged(String how) {
        return new NodeStartException(file + " is damaged: " + how
                + "; remove it, and a new administrator's token is made at the next start");
    }

    private NodeStartException unreadable(IOException failure) {
        // The message of some is the file's name.
        return new NodeStartException(
                "cannot read " + file + ": " + failure.getClass().getSimpleName() + ", " + failure.getMessage()
                        + "; it is a file of this user's, with permissions 600",
                failure);
    }

    @Override
    public Optional<Principal> find(String token) {
        refresh();
        byte[] digest = digest(token).getBytes(StandardCharsets.US_ASCII);
        Instant now = Instant.now();
        Optional<Principal> found = Optional.empty();
        // All of them, each in constant time: how long it takes tells nothing of how near a guess was.
        for (Entry entry : entries) {
            boolean same = MessageDigest.isEqual(digest, entry.digest().getBytes(StandardCharsets.US_ASCII));
            if (same && entry.isValid(now)) {
                found = Optional.of(new Principal(entry.name(), entry.role()));
            }
        }
        return found;
    }

    /**
     * Another process may have changed the file; a token that was removed must not hold for long.
     *
     * @throws RefusedException if it cannot be read now: then nobody is known
     */
    private synchronized void refresh() {
        long now = System.nanoTime();
        if (now - looked >= LOOK_NANOS || looked == 0) {
            looked = now;
            look();
        }
        if (!usable) {
            throw new RefusedException(
                    RefusedException.Reason.UNAVAILABLE,
                    "who may do what cannot be read at present; the node's log says why");
        }
    }

    private void look() {
        boolean before = usable;
        usable = false;
        try {
            Object current = Files.exists(file)
                    ? Files.getAttribute(file, "unix:ino") + "/" + Files.getAttribute(file, "unix:ctime")
                    : "";
            if (!current.equals(version)) {
                entries = read();
                version = current;
            }
            usable = true;
        } catch (IOException failure) {
            warn(before, unreadable(failure));
        } catch (NodeStartException failure) {
            warn(before, failure);
        }
    }

    /** Once, not with each look. */
    private void warn(boolean before, NodeStartException failure) {
        version = UNREAD;
        if (before) {
            LOG.warn("nobody is let in: {}", failure.getMessage());
        }
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
