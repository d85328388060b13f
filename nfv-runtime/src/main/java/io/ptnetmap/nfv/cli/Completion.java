// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.model.FunctionDetails;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/** What the last word of a command line may be, as far as a node knows. */
final class Completion {
    private final TypedLine line;
    private final Supplier<NodeSession> node;

    /** @param node a connection to it; made only where it has to be asked */
    Completion(TypedLine line, Supplier<NodeSession> node) {
        this.line = line;
        this.node = node;
    }

    /** Whole words, whether or not they begin with what has been typed. */
    List<String> candidates() throws InterruptedException {
        List<String> words = line.words();
        if (line.isChainOption()) {
            return names(Resource.CHAINS);
        }
        return switch (words.isEmpty() ? "" : words.getFirst()) {
            case "get", "describe" -> ofKind(words.subList(1, words.size()));
            case "start", "stop", "delete", "top", "trace", "events", "logs" -> names(Resource.CHAINS);
            case "tap" -> words.size() == 1 ? names(Resource.LINKS) : List.of();
            case "functions" -> words.size() == 1 ? names(Resource.TYPES) : List.of();
            case "set" -> assignments(words.subList(1, words.size()));
            default -> List.of();
        };
    }

    /** The kind or, where it is there, names of things of that kind. */
    private List<String> ofKind(List<String> words) throws InterruptedException {
        for (String word : words) {
            Optional<Resource<?>> kind = Resource.of(word);
            if (kind.isPresent()) {
                return names(kind.get());
            }
        }
        return Resource.words();
    }

    private <T> List<String> names(Resource<T> kind) throws InterruptedException {
        try (NodeSession session = node.get()) {
            return names(session, kind);
        }
    }

    /** Names of all things of a kind, with their chain where several have the name, or a chain has been typed. */
    private <T> List<String> names(NodeSession session, Resource<T> kind) throws InterruptedException {
        List<T> all = ResourceQuery.find(session, kind, line.chain(), List.of());
        List<String> plain = all.stream().map(kind.name()).toList();
        return all.stream()
                .map(thing -> {
                    String name = kind.name().apply(thing);
                    boolean alone = Collections.frequency(plain, name) == 1;
                    return alone && !line.current().contains("/") ? name : ResourceQuery.qualified(kind, thing);
                })
                .toList();
    }

    /** What {@code nfv set} takes: {@code FUNCTION.FIELD=VALUE}, or, behind a function, {@code FIELD=VALUE}. */
    private List<String> assignments(List<String> before) throws InterruptedException {
        String current = line.current();
        boolean functionAlone = !before.isEmpty() && !before.getFirst().contains("=");
        int dot = current.indexOf('.', current.indexOf('/') + 1);
        try (NodeSession session = node.get()) {
            if (functionAlone) {
                return assignments(session, before.getFirst(), 0);
            } else if (dot < 0) {
                return names(session, Resource.FUNCTIONS).stream()
                        .map(name -> name + ".")
                        .toList();
            }
            return assignments(session, current.substring(0, dot), dot + 1);
        }
    }

    /** @param begin where the field begins in the word that is being typed */
    private List<String> assignments(NodeSession session, String name, int begin) throws InterruptedException {
        FunctionDetails function = ResourceQuery.one(session, Resource.FUNCTIONS, line.chain(), name);
        JsonNode schema = session.get(client -> client.functionType(function.type()))
                .schema()
                .<JsonNode>map(object -> object)
                .orElseThrow();
        String typed = line.current().substring(begin);
        int equals = typed.indexOf('=');
        int end = equals < 0 ? typed.lastIndexOf('.') : equals;
        for (String field :
                end < 0 ? List.<String>of() : List.of(typed.substring(0, end).split("\\."))) {
            schema = schema.path("properties").path(field);
        }
        String prefix = line.current().substring(0, begin + end + 1);
        List<String> ends = equals < 0 ? fields(schema) : values(schema);
        return ends.stream().map(text -> prefix + text).toList();
    }

    /** Fields of a mapping: one that is a mapping itself goes on with a dot. */
    private static List<String> fields(JsonNode schema) {
        List<String> fields = new ArrayList<>();
        schema.path("properties")
                .properties()
                .forEach(field -> fields.add(
                        field.getKey() + (field.getValue().path("properties").isEmpty() ? "=" : ".")));
        return fields;
    }

    /** Values of a field, if there are few. */
    private static List<String> values(JsonNode schema) {
        List<String> values = new ArrayList<>();
        schema.path("anyOf").forEach(alternative -> values.addAll(values(alternative)));
        schema.path("enum").forEach(value -> values.add(value.asString()));
        if (schema.path("type").asString("").equals("boolean")) {
            values.addAll(List.of("true", "false"));
        }
        return values;
    }
}
