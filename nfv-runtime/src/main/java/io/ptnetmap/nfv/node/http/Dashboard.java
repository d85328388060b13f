// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** The files of the dashboard, from this program's own resources. They tell nothing of the node: who looks at them gets a token. */
final class Dashboard {
    private static final String DIRECTORY = "dashboard/";
    private static final Pattern NAME =
            Pattern.compile("([A-Za-z0-9_-][A-Za-z0-9._-]*/){0,4}[A-Za-z0-9_-][A-Za-z0-9._-]*");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "svg", "image/svg+xml",
            "png", "image/png",
            "ico", "image/x-icon",
            "woff2", "font/woff2",
            "txt", "text/plain; charset=utf-8");

    private Dashboard() {}

    /** The file at an address, if there is one. */
    static Optional<Reply> find(Request request) {
        String name = request.path().equals("/") ? "index.html" : request.path().substring(1);
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        try (InputStream in = Node.class.getResourceAsStream(DIRECTORY + name)) {
            return in == null ? Optional.empty() : Optional.of(reply(request, type, in.readAllBytes()));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Reply reply(Request request, String type, byte[] content) {
        CRC32 sum = new CRC32();
        sum.update(content);
        String tag = '"' + HexFormat.of().toHexDigits(sum.getValue(), 8) + '"';
        Map<String, String> headers = Map.of("etag", tag, "cache-control", "no-cache");
        return request.header("if-none-match").filter(tag::equals).isPresent()
                ? Reply.empty(304, headers)
                : Reply.of(200, type, content, headers);
    }
}
