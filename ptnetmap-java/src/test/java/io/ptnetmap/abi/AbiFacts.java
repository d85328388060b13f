// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code netmap-abi.json}: netmap's ABI as measured on the original, which the code is judged by. */
public final class AbiFacts {
    private static final JsonNode ROOT = load();

    private AbiFacts() {}

    private static JsonNode load() {
        try (InputStream json = AbiFacts.class.getResourceAsStream("netmap-abi.json")) {
            return JsonMapper.builder().build().readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The node at a JSON pointer; fails where there is none. */
    public static JsonNode at(String pointer) {
        return ROOT.requiredAt(pointer);
    }

    static Stream<JsonNode> elements(String pointer) {
        List<JsonNode> elements =
                StreamSupport.stream(at(pointer).spliterator(), false).toList();
        if (elements.isEmpty()) {
            throw new AssertionError(pointer + " of netmap-abi.json is empty");
        }
        return elements.stream();
    }

    /** The bytes of an encoding in {@code vectors.encodings}. */
    public static byte[] encoding(String name) {
        return elements("/vectors/encodings")
                .filter(vector -> vector.get("name").asString().equals(name))
                .map(vector -> HexFormat.of().parseHex(vector.get("hex").asString()))
                .findFirst()
                .orElseThrow();
    }
}
