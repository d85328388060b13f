// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import java.util.Comparator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON Merge Patch (RFC 7396) of the configuration of one function in a descriptor. */
final class FunctionPatch {
    /** Numbers are the same if they are equal, however a descriptor or a patch writes them. */
    private static final Comparator<JsonNode> BY_VALUE = (a, b) ->
            a.equals(b) || a.isNumber() && b.isNumber() && a.decimalValue().compareTo(b.decimalValue()) == 0 ? 0 : 1;

    private FunctionPatch() {}

    /** Whether the element at a JSON pointer would be configured otherwise than it is. */
    static boolean changes(ObjectNode descriptor, String element, ObjectNode patch) {
        JsonNode config = descriptor.at(element).path("config");
        JsonNode present = config.isObject() ? config : JsonNodeFactory.instance.objectNode();
        return !present.equals(BY_VALUE, merge(config, patch));
    }

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
