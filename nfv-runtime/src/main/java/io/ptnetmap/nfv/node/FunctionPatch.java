// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON Merge Patch (RFC 7396) of the configuration of one function in a descriptor. */
final class FunctionPatch {
    private FunctionPatch() {}

    /** The descriptor with the element at a JSON pointer configured anew. */
    static ObjectNode apply(ObjectNode descriptor, String element, ObjectNode patch) {
        ObjectNode changed = descriptor.deepCopy();
        ObjectNode function = (ObjectNode) changed.at(element);
        function.set("config", merge(function.path("config"), patch));
        return changed;
    }

    private static JsonNode merge(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) {
            return patch;
        }
        ObjectNode merged =
                target instanceof ObjectNode present ? present.deepCopy() : JsonNodeFactory.instance.objectNode();
        changes.properties().forEach(change -> {
            if (change.getValue().isNull()) {
                merged.remove(change.getKey());
            } else {
                merged.set(change.getKey(), merge(merged.path(change.getKey()), change.getValue()));
            }
        });
        return merged;
    }
}
