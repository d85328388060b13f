// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request, whichever way it came.
 *
 * @param path without the query, percent-encoded
 * @param query what follows the question mark; may be empty
 * @param headers by their names in lower case
 * @param peer who is known by the connection that it came on
 */
record Request(
        String method, String path, String query, Map<String, String> headers, byte[] body, Optional<Principal> peer) {
    Request {
        Map<String, String> lower = new TreeMap<>();
        headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        headers = lower;
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }

    /** The segments of the path, decoded. */
    List<String> segments() {
        List<String> segments = new ArrayList<>();
        for (String segment : path.substring(1).split("/", -1)) {
            // A plus sign is itself in a path.
            segments.add(decode(segment.replace("+", "%2B")));
        }
        return segments;
    }

    /** The parameters of the query, decoded; of several of a name the first. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (!pair.isEmpty()) {
                String name = equals < 0 ? pair : pair.substring(0, equals);
                parameters.putIfAbsent(decode(name), equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            throw new ApiException(400, "the address is malformed: " + malformed.getMessage());
        }
    }

    /** The media type of the body in lower case, without parameters; empty where none is said. */
    String mediaType() {
        String type = header("content-type").orElse("");
        return type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    }
}
