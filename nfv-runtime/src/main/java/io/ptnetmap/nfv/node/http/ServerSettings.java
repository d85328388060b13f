// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * How a node's API is served.
 *
 * @param addresses to listen at, each an {@link InetSocketAddress}, whose port 0 means any, or a {@link UnixDomainSocketAddress}
 * @param certificate to serve by TLS with at internet addresses
 * @param jwt whose tokens are trusted besides the node's own
 * @param bus port of this machine that opens the event bus
 * @param hostNames that it is asked for by besides its address, where only this machine reaches it
 * @param mostConnections at the same time
 * @param mostReaders of streams at the same time
 */
public record ServerSettings(
        List<SocketAddress> addresses,
        Optional<Certificate> certificate,
        Optional<JwtSettings> jwt,
        OptionalInt bus,
        Set<String> hostNames,
        int mostConnections,
        int mostReaders) {
    private static final int CONNECTIONS = 2500;
    private static final int READERS = 1000;

    /**
     * Files in PEM.
     *
     * @param chain the server's certificate, and those between it and a root
     * @param key of the first
     */
    public record Certificate(Path chain, Path key) {}

    /** At one address, with the usual limits. */
    public static ServerSettings of(
            InetSocketAddress address, Optional<Certificate> certificate, Optional<JwtSettings> jwt, OptionalInt bus) {
        return of(List.of(address), certificate, jwt, bus);
    }

    /** At several addresses, with the usual limits. */
    public static ServerSettings of(
            List<SocketAddress> addresses,
            Optional<Certificate> certificate,
            Optional<JwtSettings> jwt,
            OptionalInt bus) {
        return new ServerSettings(List.copyOf(addresses), certificate, jwt, bus, Set.of(), CONNECTIONS, READERS);
    }

    /** The same, known by further names. */
    public ServerSettings withHostNames(Collection<String> names) {
        return new ServerSettings(addresses, certificate, jwt, bus, Set.copyOf(names), mostConnections, mostReaders);
    }
}
