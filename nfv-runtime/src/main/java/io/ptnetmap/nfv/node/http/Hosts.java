// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The names that a node answers to. A page of a stranger's may have its own name lead to this machine (DNS rebinding), to look
 * to the browser as if it had come from the node; but it has to ask by that name. So a node that only this machine reaches
 * answers to what leads nowhere else: addresses, {@code localhost} and what is below it, and names that it was given.
 *
 * @param any whether it answers to all
 * @param names in lower case
 */
record Hosts(boolean any, Set<String> names) {
    /** A name, or an IPv6 address in brackets, and perhaps a port (RFC 3986 §3.2.2). */
    private static final Pattern AUTHORITY =
            Pattern.compile("(\\[[0-9a-f:.]{2,64}]|[^\\[\\]:/@\\s]{1,255})(?::\\d{0,5})?");

    private static final Pattern ADDRESS = Pattern.compile("\\[.*|\\d{1,3}(?:\\.\\d{1,3}){3}");

    /** Whatever it is called. */
    static final Hosts ALL = new Hosts(true, Set.of());

    /** Those of a node that listens at an address, which may have been given by a name. */
    static Hosts of(InetSocketAddress address, Set<String> names) {
        return new Hosts(
                !address.getAddress().isLoopbackAddress(),
                Stream.concat(names.stream(), Stream.of(address.getHostString()))
                        .map(name -> name.toLowerCase(Locale.ROOT))
                        .collect(Collectors.toUnmodifiableSet()));
    }

    /** Whether a request that names this authority, in its header {@code Host}, is for this node. */
    boolean admit(String authority) {
        Matcher parts = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return false;
        }
        String name = parts.group(1);
        return any
                || ADDRESS.matcher(name).matches()
                || name.equals("localhost")
                || name.endsWith(".localhost")
                || names.contains(name);
    }
}
