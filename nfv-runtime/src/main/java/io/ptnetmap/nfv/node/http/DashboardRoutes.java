// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The dashboard's files: a page that needs nothing but this node's API. They hold no secrets, so anybody gets them; what they ask
 * of the API needs a token.
 */
final class DashboardRoutes {
    private static final String PAGE = "index.html";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final Map<String, StaticFile> files = new ConcurrentHashMap<>();

    /** A file and its version. */
    private record StaticFile(byte[] bytes, String type, String version) {}

    List<Route> all() {
        return List.of(
                Route.open("GET", "/", parameters -> file(parameters, PAGE)),
                Route.open("GET", "/dashboard/{file}", parameters -> file(parameters, parameters.of("file"))),
                Route.open(
                        "GET", "/dashboard/js/{file}", parameters -> file(parameters, "js/" + parameters.of("file"))));
    }

    private Reply file(Parameters parameters, String name) {
        StaticFile file = find(name).orElseThrow(() -> new ApiException(404, "the dashboard has no such file"));
        Map<String, String> headers = Map.of("etag", file.version(), "cache-control", "no-cache");
        return parameters
                        .request()
                        .header("if-none-match")
                        .filter(file.version()::equals)
                        .isPresent()
                ? Reply.empty(304, headers)
                : Reply.of(200, file.type(), file.bytes(), headers);
    }

    /** What is not there is not remembered: anybody may ask for any number of names. */
    private Optional<StaticFile> find(String name) {
        Optional<StaticFile> known = Optional.ofNullable(files.get(name));
        if (known.isPresent()) {
            return known;
        }
        Optional<StaticFile> file = read(name);
        file.ifPresent(found -> files.put(name, found));
        return file;
    }

    /** Only names of files that there are lead anywhere: each is one segment of letters, digits and dashes, with an ending. */
    private static Optional<StaticFile> read(String name) {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !name.matches("(js/)?[a-z0-9-]+\\.[a-z]+")) {
            return Optional.empty();
        }
        try (InputStream in = Node.class.getResourceAsStream("dashboard/" + name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            return Optional.of(new StaticFile(bytes, type, versionOf(bytes)));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String versionOf(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
