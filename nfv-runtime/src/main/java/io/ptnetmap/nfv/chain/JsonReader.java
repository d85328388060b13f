// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import io.ptnetmap.nfv.chain.YamlNode.Entry;
import io.ptnetmap.nfv.chain.YamlNode.Kind;
import io.ptnetmap.nfv.chain.YamlNode.Mapping;
import io.ptnetmap.nfv.chain.YamlNode.Position;
import io.ptnetmap.nfv.chain.YamlNode.Scalar;
import io.ptnetmap.nfv.chain.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** Reads one JSON document (RFC 8259) into {@link YamlNode}s, within the limits of {@link YamlReader}. */
final class JsonReader {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(YamlReader.MAX_DEPTH + 1)
                    .maxDocumentLength(YamlReader.MAX_LENGTH)
                    .build())
            .build();

    private final JsonParser parser;
    private final Problems problems;
    private int values;

    private JsonReader(JsonParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /**
     * Reads a document.
     *
     * @throws ChainDescriptorException if it is not JSON, or JSON beyond the limits
     */
    static YamlNode read(String text, Problems problems) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            return new JsonReader(parser, problems).document();
        } catch (JacksonException e) {
            throw problems.fatal(position(e.getLocation()), "", "not valid JSON: " + e.getOriginalMessage());
        }
    }

    private YamlNode document() {
        if (parser.nextToken() == null) {
            throw problems.fatal(new Position(1, 1), "", "the document is empty; a chain begins with {\"chain\": NAME");
        }
        YamlNode root = node();
        if (parser.nextToken() != null) {
            throw problems.fatal(at(), "", "not valid JSON: more than one value");
        }
        return root;
    }

    private YamlNode node() {
        Position at = at();
        if (++values > YamlReader.MAX_VALUES) {
            throw problems.fatal(at, "", "more than " + YamlReader.MAX_VALUES + " values");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(at);
            case START_ARRAY -> sequence(at);
            case VALUE_STRING -> new Scalar(parser.getString(), Kind.TEXT, at);
            case VALUE_NUMBER_INT -> new Scalar(parser.getString(), Kind.INTEGER, at);
            case VALUE_NUMBER_FLOAT -> new Scalar(parser.getString(), Kind.FLOAT, at);
            case VALUE_TRUE, VALUE_FALSE -> new Scalar(parser.getString(), Kind.BOOLEAN, at);
            default -> new Scalar("null", Kind.NULL, at);
        };
    }

    private Sequence sequence(Position at) {
        List<YamlNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node());
        }
        return new Sequence(Collections.unmodifiableList(items), at);
    }

    private Mapping mapping(Position at) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Position keyAt = at();
            parser.nextToken();
            Entry earlier = entries.putIfAbsent(key, new Entry(keyAt, node()));
            if (earlier != null) {
                problems.add(
                        keyAt,
                        key,
                        "given twice, first in line " + earlier.keyAt().line() + "; keep one of them");
            }
        }
        return new Mapping(Collections.unmodifiableMap(entries), at);
    }

    private Position at() {
        return position(parser.currentTokenLocation());
    }

    private static Position position(TokenStreamLocation location) {
        return location == null || location.getLineNr() < 1
                ? Position.NOWHERE
                : new Position(location.getLineNr(), Math.max(1, location.getColumnNr()));
    }
}
