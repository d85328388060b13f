// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which node to talk to, and how.
 *
 * @param node its address, such as {@code https://10.0.0.7:8642} or {@code unix:/run/user/1000/ptnetmap/node.sock}
 * @param token what the node knows its user by
 * @param authority file with the certificates (PEM) that the node's own must come from; without one, those that Java trusts
 * @param timeout for an answer, besides the time that a request asks the node to wait
 * @param retries how often a request that got no answer is sent again; requests that change something carry a key by which the
 *     node knows them again
 */
public record NodeClientOptions(
        URI node, Optional<String> token, Optional<Path> authority, Duration timeout, int retries) {
    /** Names the node's address. */
    public static final String NODE_VARIABLE = "NFV_NODE";
    /** Holds the token. */
    public static final String TOKEN_VARIABLE = "NFV_TOKEN";
    /** Names the file with the token. */
    public static final String TOKEN_FILE_VARIABLE = "NFV_TOKEN_FILE";
    /** Names the file with the certificates. */
    public static final String AUTHORITY_VARIABLE = "NFV_CA";

    private static final String UNIX = "unix";
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(10);
    private static final int USUAL_RETRIES = 3;

    /** Checks the address. */
    public NodeClientOptions {
        boolean known = switch (String.valueOf(node.getScheme())) {
            case "http", "https" -> node.getHost() != null;
            case UNIX -> node.getPath() != null && node.getPath().startsWith("/");
            default -> false;
        };
        if (!known) {
            throw noAddress(node.toString());
        }
        if (retries < 0) {
            throw new IllegalArgumentException("retries: " + retries + " is less than 0");
        }
    }

    static IllegalArgumentException noAddress(String text) {
        return new IllegalArgumentException(
                "'" + text + "' is no address of a node; write http://HOST:PORT, https://HOST:PORT or unix:PATH");
    }

    /** A node at an address, without a token. */
    public static NodeClientOptions of(URI node) {
        return new NodeClientOptions(node, Optional.empty(), Optional.empty(), USUAL_TIMEOUT, USUAL_RETRIES);
    }

    /**
     * The node that the environment names: {@value #NODE_VARIABLE}, with the token of {@value #TOKEN_VARIABLE} or {@value
     * #TOKEN_FILE_VARIABLE}, and certificates of {@value #AUTHORITY_VARIABLE}. Without them the one that this user runs on this
     * machine: at its socket, which asks for no token, or else at {@link LocalNode#ADDRESS}, with the administrator's token.
     *
     * @throws IllegalArgumentException if the address is none
     * @throws UncheckedIOException if a file that the environment names cannot be read
     */
    public static NodeClientOptions fromEnvironment() {
        return from(System.getenv());
    }

    /** The node that such an environment would name, as {@link #fromEnvironment}. */
    public static NodeClientOptions from(Map<String, String> environment) {
        NodeClientOptions options = of(Optional.ofNullable(environment.get(NODE_VARIABLE))
                .map(LocalNode::address)
                .orElseGet(() -> LocalNode.address(environment)));
        if (environment.containsKey(AUTHORITY_VARIABLE)) {
            options = options.withAuthority(Path.of(environment.get(AUTHORITY_VARIABLE)));
        }
        if (environment.containsKey(TOKEN_VARIABLE)) {
            return options.withToken(environment.get(TOKEN_VARIABLE));
        }
        if (environment.containsKey(TOKEN_FILE_VARIABLE)) {
            return options.withTokenFile(Path.of(environment.get(TOKEN_FILE_VARIABLE)));
        }
        // The administrator's token of this machine's node is nobody else's business.
        Path local = LocalNode.adminToken(LocalNode.stateDirectory(environment));
        return options.isLocal() && Files.isReadable(local) ? options.withTokenFile(local) : options;
    }

    private boolean isLocal() {
        return socket().isEmpty() && Set.of("127.0.0.1", "localhost", "[::1]").contains(node.getHost());
    }

    /** The Unix socket that the node serves at, if it is to be reached by one. */
    public Optional<Path> socket() {
        return UNIX.equals(node.getScheme()) ? Optional.of(Path.of(node.getPath())) : Optional.empty();
    }

    /** The same for another node, without the token that is for this one only. */
    public NodeClientOptions at(URI other) {
        return new NodeClientOptions(other, Optional.empty(), authority, timeout, retries);
    }

    /** The same with another token. */
    public NodeClientOptions withToken(String newToken) {
        return new NodeClientOptions(node, Optional.of(newToken), authority, timeout, retries);
    }

    /**
     * The same with the token of a file.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    public NodeClientOptions withTokenFile(Path file) {
        return withToken(read(file));
    }

    /** The same with other certificates to trust. */
    public NodeClientOptions withAuthority(Path certificates) {
        return new NodeClientOptions(node, token, Optional.of(certificates), timeout, retries);
    }

    /** The same with another timeout. */
    public NodeClientOptions withTimeout(Duration newTimeout) {
        return new NodeClientOptions(node, token, authority, newTimeout, retries);
    }

    /** The same with another number of retries. */
    public NodeClientOptions withRetries(int newRetries) {
        return new NodeClientOptions(node, token, authority, timeout, newRetries);
    }

    private static String read(Path file) {
        try {
            String token = Files.readString(file).strip();
            if (token.isEmpty()) {
                throw new IOException("it is empty");
            }
            return token;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read the token file " + file + ": " + failure.getMessage(), failure);
        }
    }
}
