// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.net.InetSocketAddress;

/**
 * How a node's API is served.
 *
 * @param address to listen at; port 0 = any
 * @param mostConnections at the same time
 * @param mostReaders of streams at the same time
 * @param eventLoops threads that carry bytes
 */
public record ServerSettings(InetSocketAddress address, int mostConnections, int mostReaders, int eventLoops) {
    /** For an address, with the usual limits. */
    public static ServerSettings at(InetSocketAddress address) {
        return new ServerSettings(
                address, 2500, 1000, Math.min(2, Runtime.getRuntime().availableProcessors()));
    }
}
