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
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/**
 * Reads one YAML 1.2 document into {@link YamlNode}s, from the parser's events: depth and number of values are bounded while
 * reading, so that no file of any content can exhaust the stack or the memory.
 */
final class YamlReader {
    /** Longest document, in characters. */
    static final int MAX_LENGTH = 1 << 20;

    static final int MAX_DEPTH = 32;
    static final int MAX_VALUES = 100_000;
    /** What is longer is no number. */
    private static final int MAX_PLAIN_LENGTH = 1000;

    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setCodePointLimit(MAX_LENGTH).build();
    private static final ScalarResolver RESOLVER = new JsonSchema().getScalarResolver();
    private static final Map<Tag, Kind> KINDS =
            Map.of(Tag.NULL, Kind.NULL, Tag.BOOL, Kind.BOOLEAN, Tag.INT, Kind.INTEGER, Tag.FLOAT, Kind.FLOAT);

    private final Problems problems;
    private final Iterator<Event> events;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private int values;
    private long characters;

    private YamlReader(String text, Problems problems) {
        this.problems = problems;
        this.events = new Parse(SETTINGS).parseString(text).iterator();
    }

    /**
     * Reads a document.
     *
     * @throws ChainDescriptorException if it is not YAML, or YAML beyond the limits
     */
    static YamlNode read(String text, Problems problems) {
        try {
            return new YamlReader(text, problems).document();
        } catch (MarkedYamlEngineException e) {
            throw problems.fatal(position(e.getProblemMark()), "", "not valid YAML: " + describe(e));
        } catch (ReaderException e) {
            throw problems.fatal(
                    positionOf(text, e.getPosition()),
                    "",
                    "not valid YAML: the character U+%04X is not allowed".formatted(e.getCodePoint()));
        } catch (YamlEngineException e) {
            throw problems.fatal(Position.NOWHERE, "", "not valid YAML: " + e.getMessage());
        }
    }

    private static String describe(MarkedYamlEngineException e) {
        String context = e.getContext();
        return context == null || context.isEmpty() ? e.getProblem() : e.getProblem() + " (" + context + ")";
    }

    private YamlNode document() {
        events.next(); // stream start
        Event start = events.next();
        if (start.getEventId() != Event.ID.DocumentStart) {
            throw problems.fatal(new Position(1, 1), "", "the file is empty; a chain begins with 'chain: NAME'");
        }
        YamlNode root = node(events.next(), 0);
        events.next(); // document end
        Event next = events.next();
        if (next.getEventId() != Event.ID.StreamEnd) {
            throw problems.fatal(position(next.getStartMark()), "", "a second YAML document; keep one chain in a file");
        }
        return root;
    }

    private YamlNode node(Event event, int depth) {
        Position at = position(event.getStartMark());
        if (depth > MAX_DEPTH) {
            throw problems.fatal(at, "", "nested deeper than " + MAX_DEPTH + " levels");
        }
        if (event instanceof AliasEvent alias) {
            Anchored target = anchors.get(alias.getAlias());
            if (target == null) {
                throw problems.fatal(at, "", "no anchor '" + alias.getAlias() + "' before this alias");
            }
            count(target.values(), target.characters(), at);
            return target.node();
        }
        int before = values;
        long charactersBefore = characters;
        count(1, event instanceof ScalarEvent scalar ? scalar.getValue().length() : 0, at);
        refuseTag(event, at);
        YamlNode node = switch (event.getEventId()) {
            case Scalar -> scalar((ScalarEvent) event, at);
            case SequenceStart -> sequence(at, depth);
            default -> mapping(at, depth);
        };
        ((NodeEvent) event)
                .getAnchor()
                .ifPresent(anchor ->
                        anchors.put(anchor, new Anchored(node, values - before, characters - charactersBefore)));
        return node;
    }

    private void refuseTag(Event event, Position at) {
        Optional<String> tag =
                event instanceof ScalarEvent scalar ? scalar.getTag() : ((CollectionStartEvent) event).getTag();
        if (tag.isPresent() && !tag.get().equals("!")) {
            throw problems.fatal(at, "", "YAML tags such as '" + tag.get() + "' mean nothing here; remove it");
        }
    }

    private static Scalar scalar(ScalarEvent event, Position at) {
        Kind kind = event.isPlain() && event.getValue().length() <= MAX_PLAIN_LENGTH
                ? KINDS.getOrDefault(RESOLVER.resolve(event.getValue(), true), Kind.TEXT)
                : Kind.TEXT;
        return new Scalar(event.getValue(), kind, at);
    }

    private Sequence sequence(Position at, int depth) {
        List<YamlNode> items = new ArrayList<>();
        for (Event e = events.next(); e.getEventId() != Event.ID.SequenceEnd; e = events.next()) {
            items.add(node(e, depth + 1));
        }
        return new Sequence(Collections.unmodifiableList(items), at);
    }

    private Mapping mapping(Position at, int depth) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Event e = events.next(); e.getEventId() != Event.ID.MappingEnd; e = events.next()) {
            Position keyAt = position(e.getStartMark());
            if (!(node(e, depth + 1) instanceof Scalar key)) {
                throw problems.fatal(keyAt, "", "a key must be a single word");
            }
            Entry entry = new Entry(keyAt, node(events.next(), depth + 1));
            Entry earlier = entries.putIfAbsent(key.text(), entry);
            if (earlier != null) {
                problems.add(
                        keyAt,
                        key.text(),
                        "given twice, first in line " + earlier.keyAt().line() + "; keep one of them");
            }
        }
        return new Mapping(Collections.unmodifiableMap(entries), at);
    }

    private void count(int moreValues, long moreCharacters, Position at) {
        values += moreValues;
        characters += moreCharacters;
        if (values > MAX_VALUES) {
            throw problems.fatal(at, "", "more than " + MAX_VALUES + " values, counting what aliases repeat");
        }
        if (characters > MAX_LENGTH) {
            throw problems.fatal(at, "", "longer than 1 MiB, counting what aliases repeat");
        }
    }

    private static Position position(Optional<Mark> mark) {
        return mark.map(m -> new Position(m.getLine() + 1, m.getColumn() + 1)).orElse(Position.NOWHERE);
    }

    private static Position positionOf(String text, int codePoints) {
        String before = text.substring(0, text.offsetByCodePoints(0, codePoints));
        int lineStart = before.lastIndexOf('\n') + 1;
        return new Position(
                (int) before.lines().count() + (before.endsWith("\n") || before.isEmpty() ? 1 : 0),
                before.length() - lineStart + 1);
    }

    private record Anchored(YamlNode node, int values, long characters) {}
}
