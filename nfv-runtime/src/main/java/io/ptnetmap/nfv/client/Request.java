// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is asked of a node.
 *
 * @param method of HTTP
 * @param target path and query, encoded
 * @param headers besides that with the token
 * @param body what is sent along
 * @param waitTime how long the node may wait before it answers
 */
record Request(
        HttpMethod method, String target, Map<String, String> headers, Optional<Buffer> body, Duration waitTime) {
    private static final Duration MOST_WAIT = Duration.ofSeconds(60);

    /** A path, of which each part is encoded. */
    static Request of(HttpMethod method, String... path) {
        StringBuilder target = new StringBuilder();
        for (String part : path) {
            target.append('/').append(encode(part));
        }
        return new Request(method, target.toString(), Map.of(), Optional.empty(), Duration.ZERO);
    }

    static Request get(String... path) {
        return of(HttpMethod.GET, path);
    }

    /** The same method and headers for another address of the same node. */
    Request at(String newTarget) {
        return new Request(method, newTarget, headers, body, waitTime);
    }

    Request query(String name, Object value) {
        char separator = target.indexOf('?') < 0 ? '?' : '&';
        return at(target + separator + name + '=' + encode(value.toString()));
    }

    Request query(String name, Optional<?> value) {
        return value.map(present -> query(name, present)).orElse(this);
    }

    Request header(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new Request(method, target, all, body, waitTime);
    }

    Request header(String name, Optional<String> value) {
        return value.map(present -> header(name, present)).orElse(this);
    }

    Request accept(String mediaType) {
        return header("Accept", mediaType);
    }

    Request body(String mediaType, Buffer bytes) {
        Request typed = header("Content-Type", mediaType);
        return new Request(method, target, typed.headers, Optional.of(bytes), waitTime);
    }

    Request body(Descriptor descriptor) {
        return body(descriptor.mediaType(), descriptor.text());
    }

    /** Has the answer wait for the end of an operation (RFC 7240 §4.3). */
    Request waiting(Duration time) {
        Duration limited = time.compareTo(MOST_WAIT) > 0 ? MOST_WAIT : time;
        if (limited.toSeconds() < 1) {
            return this;
        }
        Request preferring = header("Prefer", "wait=" + limited.toSeconds());
        return new Request(method, target, preferring.headers, body, limited);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
