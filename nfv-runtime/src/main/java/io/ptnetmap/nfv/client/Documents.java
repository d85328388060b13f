// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.Page;
import io.ptnetmap.nfv.node.model.TraceEnd;
import io.ptnetmap.nfv.node.model.TracedPacket;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.type.TypeFactory;

/** JSON of a node as values. What is none is refused with a {@link JacksonException}. */
final class Documents {
    private static final TypeFactory TYPES = Json.mapper().getTypeFactory();
    private static final JavaType OBJECT = TYPES.constructMapType(LinkedHashMap.class, String.class, Object.class);

    private Documents() {}

    static <T> T read(byte[] json, Class<T> type) {
        return Json.mapper().readValue(json, type);
    }

    static <T> Page<T> page(byte[] json, Class<T> items) {
        return Json.mapper().readValue(json, TYPES.constructParametricType(Page.class, items));
    }

    /**
     * A line of a trace.
     *
     * @throws StreamEndedException if it says that the trace has ended
     */
    static TracedPacket tracedPacket(byte[] json) {
        JsonNode line = Json.mapper().readTree(json);
        if (line.has("ended")) {
            throw new StreamEndedException(
                    Json.mapper().treeToValue(line, TraceEnd.class).ended());
        }
        return Json.mapper().treeToValue(line, TracedPacket.class);
    }

    /** An object whose fields the contract leaves open. */
    static Map<String, Object> object(byte[] json) {
        return Json.mapper().readValue(json, OBJECT);
    }

    /** A constant's word in the contract. */
    static String word(Enum<?> constant) {
        return Json.mapper().convertValue(constant, String.class);
    }
}
