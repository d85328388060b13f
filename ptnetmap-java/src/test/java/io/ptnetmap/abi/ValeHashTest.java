// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class ValeHashTest {
    static Stream<JsonNode> vectors() {
        return AbiFacts.elements("/vectors/vale_hash");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void findsNetmapsBucket(JsonNode vector) {
        long asWritten = Long.parseLong(vector.get("mac").asString().replace(":", ""), 16);
        assertEquals(vector.get("bucket").asInt(), ValeHash.bucket(Long.reverseBytes(asWritten) >>> 16));
    }
}
