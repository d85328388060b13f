// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.chain.ChainSchema;
import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.chain.Units;
import io.ptnetmap.nfv.options.FunctionPathOption;
import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "functions",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the functions that chains can use, or explains one: its place in a chain and its configuration.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  nfv functions", "  nfv functions firewall", "  nfv functions --functions target/my.jar my-function"
        })
final class FunctionsCommand implements Callable<Integer> {
    private static final String INDENT = "    ";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "A function to explain.")
    private String name;

    @Mixin
    private FunctionPathOption functionPath;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (FunctionRegistry functions = FunctionRegistry.open(functionPath.paths())) {
            if (name == null) {
                list(functions).forEach(out::println);
            } else {
                explain(find(functions, name, spec), out);
            }
        }
        out.flush();
        return ExitCodes.OK;
    }

    /** The function of a name that stands on the command line. */
    static FunctionDescription find(FunctionRegistry functions, String name, CommandSpec spec) {
        return functions
                .find(name)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "unknown function '" + name + "'"
                                + Suggestion.among(name, functions.functions().keySet())));
    }

    private static List<String> list(FunctionRegistry functions) {
        TextTable table = new TextTable("lll", "FUNCTION", "PLACE", "WHAT IT DOES");
        functions.functions().values().forEach(f -> table.row(f.name(), place(f), f.summary()));
        return table.lines();
    }

    private static String place(FunctionDescription function) {
        return Documents.word(function.kind()) + (function.readOnly() ? ", read-only" : "");
    }

    private static void explain(FunctionDescription function, PrintWriter out) {
        out.println(function.name() + ": " + function.summary());
        out.println("Place in a chain: " + place(function)
                + switch (function.kind()) {
                    case SOURCE -> " (stands at the beginning)";
                    case MIDDLE -> function.readOnly() ? " (may stand under 'parallel')" : "";
                    case SINK -> " (stands at the end)";
                });
        out.println("State: "
                + (function.stateful()
                        ? "goes along when the chain is changed; outlives a crash with 'persist: 1s' (at most so old then)"
                        : "none that outlives it"));
        out.println("Comes from: " + function.origin());
        configuration(function.name(), new ChainSchema().ofConfig(function)).forEach(out::println);
    }

    /** The fields of a function's configuration, and an example. */
    static List<String> configuration(String function, JsonNode schema) {
        List<String> lines = new ArrayList<>();
        if (schema.path("properties").isEmpty()) {
            lines.add("It has no configuration.");
        } else {
            lines.add("Configuration, under 'config:'");
            explain(schema, "  ", lines);
        }
        lines.add("Example");
        lines.add("  - type: " + function);
        example(schema).forEach(line -> lines.add(INDENT + line));
        return lines;
    }

    private static void explain(JsonNode schema, String indent, List<String> lines) {
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(key -> required.add(key.asString()));
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            JsonNode field = property.getValue();
            List<String> facts = facts(field);
            facts.add(required.contains(property.getKey()) ? "required" : defaultOf(field));
            facts.removeIf(String::isEmpty);
            lines.add(indent + property.getKey() + ": " + String.join(", ", facts));
            if (field.has("description")) {
                lines.add(indent + INDENT + field.get("description").asString());
            }
            explain(field, indent + INDENT, lines);
            explain(field.path("items"), indent + INDENT, lines);
        }
    }

    private static String defaultOf(JsonNode field) {
        return field.has("default") ? "default " + plain(field.get("default")) : "optional";
    }

    private static String plain(JsonNode value) {
        return value.isString() ? value.asString() : value.toString();
    }

    /** Type and constraints in words. */
    private static List<String> facts(JsonNode field) {
        List<String> facts = new ArrayList<>();
        for (JsonNode alternative : field.path("anyOf")) {
            facts.addAll(facts(alternative));
        }
        facts.add(type(field));
        if (field.has("enum")) {
            List<String> values = new ArrayList<>();
            field.get("enum").forEach(value -> values.add(plain(value)));
            facts.add(String.join(" | ", values));
        }
        fact(facts, field, "minimum", "at least ");
        fact(facts, field, "exclusiveMinimum", "more than ");
        fact(facts, field, "maximum", "at most ");
        fact(facts, field, "exclusiveMaximum", "less than ");
        fact(facts, field, "minItems", "at least this many: ");
        fact(facts, field, "maxItems", "at most this many: ");
        fact(facts, field, "maxLength", "characters at most: ");
        return facts;
    }

    private static void fact(List<String> facts, JsonNode field, String keyword, String words) {
        if (field.has(keyword)) {
            facts.add(words + plain(field.get(keyword)));
        }
    }

    private static List<String> types(JsonNode field) {
        List<String> types = new ArrayList<>();
        JsonNode type = field.path("type");
        (type.isArray() ? type : List.of(type)).forEach(t -> types.add(t.asString("")));
        types.remove("null");
        return types;
    }

    private static boolean isList(JsonNode field) {
        return types(field).contains("array");
    }

    private static String type(JsonNode field) {
        List<String> types = types(field);
        if (types.contains("integer") && types.contains("string") && field.has("pattern")) {
            return "whole number";
        } else if (isList(field)) {
            String of = type(field.path("items"));
            return of.isEmpty() ? "list" : "list of " + of;
        } else if (types.contains("object")) {
            return "mapping";
        } else if (field.has("enum")) {
            return "";
        } else if (types.contains("string")) {
            return field.path("pattern").asString("").equals(Units.DURATION_PATTERN) ? "duration" : "text";
        }
        return String.join(" or ", types);
    }

    /** The fields that must be given. */
    private static List<String> example(JsonNode schema) {
        List<String> lines = new ArrayList<>();
        for (JsonNode key : schema.path("required")) {
            JsonNode field = schema.at("/properties/" + key.asString());
            lines.add("  " + key.asString() + ": " + (isList(field) ? "[...]" : "..."));
        }
        if (!lines.isEmpty()) {
            lines.addFirst("config:");
        }
        return lines;
    }
}
