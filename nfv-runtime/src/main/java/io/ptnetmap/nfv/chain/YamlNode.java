// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A value of a YAML file with its place in it. */
sealed interface YamlNode {
    /** Where the value begins. */
    Position at();

    /** What the value is, for messages. */
    String describe();

    /**
     * A place in the file.
     *
     * @param line from 1; 0 = nowhere in particular
     * @param column from 1
     */
    record Position(int line, int column) {
        static final Position NOWHERE = new Position(0, 0);
    }

    /** What a scalar means by YAML 1.2's JSON schema (§10.2). */
    enum Kind {
        NULL,
        BOOLEAN,
        INTEGER,
        FLOAT,
        TEXT
    }

    /** A single value. */
    record Scalar(String text, Kind kind, Position at) implements YamlNode {
        @Override
        public String describe() {
            return switch (kind) {
                case NULL -> "nothing";
                case BOOLEAN -> "'" + text + "'";
                case INTEGER, FLOAT -> "the number " + text;
                case TEXT -> "the text '" + text + "'";
            };
        }

        @Override
        public JsonNode json() {
            return switch (kind) {
                case NULL -> JsonNodeFactory.instance.nullNode();
                case BOOLEAN -> JsonNodeFactory.instance.booleanNode(Boolean.parseBoolean(text));
                case INTEGER -> JsonNodeFactory.instance.numberNode(new BigInteger(text));
                case FLOAT -> number(text);
                case TEXT -> JsonNodeFactory.instance.stringNode(text);
            };
        }
    }

    /** YAML has numbers that JSON has not, such as {@code .inf}, and both have some that few readers take, such as 1e400: text. */
    private static JsonNode number(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            if (Double.isFinite(number.doubleValue())) {
                return JsonNodeFactory.instance.numberNode(number);
            }
        } catch (NumberFormatException beyond) {
            // Of an exponent that no number here has.
        }
        return JsonNodeFactory.instance.stringNode(text);
    }

    /** A list. */
    record Sequence(List<YamlNode> items, Position at) implements YamlNode {
        @Override
        public String describe() {
            return "a list";
        }

        @Override
        public ArrayNode json() {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            items.forEach(item -> array.add(item.json()));
            return array;
        }
    }

    /** A mapping, in the file's order. */
    record Mapping(Map<String, Entry> entries, Position at) implements YamlNode {
        @Override
        public String describe() {
            return "a mapping of keys to values";
        }

        @Override
        public ObjectNode json() {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            entries.forEach((key, entry) -> object.set(key, entry.value().json()));
            return object;
        }
    }

    /** A key's value, and where the key stands. */
    record Entry(Position keyAt, YamlNode value) {}

    /** Whether this is an empty value, as after {@code key:}. */
    default boolean isNull() {
        return this instanceof Scalar scalar && scalar.kind() == Kind.NULL;
    }

    /** The same as JSON. */
    JsonNode json();

    /**
     * The place of a field, or of the nearest thing around it that the file has.
     *
     * @param path such as {@code functions[1].config}
     */
    default Position locate(String path) {
        YamlNode here = this;
        Position found = at();
        for (String step : path.split("[.\\[\\]]+")) {
            if (here instanceof Mapping mapping && mapping.entries().get(step) instanceof Entry entry) {
                here = entry.value();
                found = here instanceof Scalar ? here.at() : entry.keyAt();
            } else if (here instanceof Sequence list
                    && step.matches("\\d{1,9}")
                    && Integer.parseInt(step) < list.items().size()) {
                here = list.items().get(Integer.parseInt(step));
                found = here.at();
            } else if (!step.isEmpty()) {
                break;
            }
        }
        return found;
    }
}
