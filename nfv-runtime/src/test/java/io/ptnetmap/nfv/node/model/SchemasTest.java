// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.node.ObjectNode;

/** The values have the fields that the contract has, and may lack those that it may leave out. */
class SchemasTest {
    private static final Map<String, Object> SCHEMAS = schemas();
    private static final Map<Class<?>, String> SCHEMA_OF = Map.ofEntries(
            Map.entry(ProblemDetails.class, "Problem"),
            Map.entry(ProblemDetails.FieldError.class, "FieldError"),
            Map.entry(Health.class, "Health"),
            Map.entry(NodeDetails.class, "Node"),
            Map.entry(ChainDetails.class, "Chain"),
            Map.entry(ChainSummary.class, "ChainSummary"),
            Map.entry(Balance.class, "Conservation"),
            Map.entry(Plan.class, "Plan"),
            Map.entry(PlanStep.class, "PlanStep"),
            Map.entry(Obstacle.class, "Obstacle"),
            Map.entry(FunctionTypeDetails.class, "FunctionType"),
            Map.entry(FunctionDetails.class, "Function"),
            Map.entry(FunctionAccount.class, "Account"),
            Map.entry(LinkDetails.class, "Link"),
            Map.entry(PortDetails.class, "Port"),
            Map.entry(Statistics.class, "Statistics"),
            Map.entry(Operation.class, "Operation"),
            Map.entry(ChangeSummary.class, "ChangeReport"),
            Map.entry(TracedPacket.class, "PacketTrace"),
            Map.entry(TraceEnd.class, "TraceEnd"),
            Map.entry(Event.class, "Event"),
            Map.entry(LogLine.class, "LogLine"));

    @SuppressWarnings("unchecked")
    private static Map<String, Object> schemas() {
        try (InputStream contract = SchemasTest.class.getResourceAsStream("/io/ptnetmap/nfv/node/openapi.yaml")) {
            Object all = new Load(LoadSettings.builder().build()).loadFromInputStream(contract);
            return (Map<String, Object>) ((Map<?, ?>) ((Map<?, ?>) all).get("components")).get("schemas");
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    static Stream<Class<?>> records() {
        return SCHEMA_OF.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("records")
    void aRecordHasTheFieldsOfItsSchema(Class<?> type) {
        compare(type, schema(SCHEMA_OF.get(type)), type.getSimpleName());
    }

    private static Map<?, ?> schema(String name) {
        assertTrue(SCHEMAS.containsKey(name), () -> "the contract has no " + name);
        return (Map<?, ?>) SCHEMAS.get(name);
    }

    /** Also of the records and lists within it. */
    private static void compare(Class<?> type, Map<?, ?> schema, String where) {
        Map<?, ?> properties = (Map<?, ?>) schema.get("properties");
        Set<String> fields = Arrays.stream(type.getRecordComponents())
                .map(component -> kebab(component.getName()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<Object>(properties.keySet()), fields, where);
        List<?> required = schema.get("required") instanceof List<?> list ? list : List.of();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = kebab(component.getName());
            Map<?, ?> property = resolved((Map<?, ?>) properties.get(name));
            String place = where + "." + name;
            if (!required.contains(name)) {
                assertTrue(mayLack(component.getType(), place), () -> place + " may be missing");
            }
            compareType(component.getGenericType(), property, place);
        }
    }

    private static void compareType(Type type, Map<?, ?> schema, String where) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
            compareType(generic.getActualTypeArguments()[0], schema, where);
        } else if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            assertEquals("array", schema.get("type"), where);
            compareType(generic.getActualTypeArguments()[0], resolved((Map<?, ?>) schema.get("items")), where);
        } else if (type instanceof ParameterizedType) {
            assertEquals("object", schema.get("type"), where);
        } else {
            Class<?> plain = (Class<?>) type;
            if (plain.isEnum() && !schema.containsKey("enum")) {
                assertEquals("string", schema.get("type"), where);
            } else if (plain.isEnum()) {
                Set<String> words = Arrays.stream(plain.getEnumConstants())
                        .map(constant -> Json.text(constant).replace("\"", ""))
                        .collect(Collectors.toCollection(TreeSet::new));
                assertEquals(new TreeSet<Object>((List<?>) schema.get("enum")), words, where);
            } else if (plain == ObjectNode.class) {
                assertEquals("object", schema.get("type"), where);
            } else if (plain.isRecord()) {
                compare(plain, schema, where);
            } else {
                assertEquals(jsonType(plain), schema.containsKey("type") ? schema.get("type") : "string", where);
            }
        }
    }

    private static String jsonType(Class<?> type) {
        if (type == int.class || type == long.class || type == OptionalInt.class || type == OptionalLong.class) {
            return "integer";
        }
        return type == boolean.class || type == Boolean.class ? "boolean" : "string";
    }

    /** What is not said to be so is not. The state is said whenever a node of this version tells of a function. */
    private static boolean mayLack(Class<?> type, String place) {
        return Set.of(Optional.class, OptionalInt.class, OptionalLong.class, List.class, Map.class)
                        .contains(type)
                || type == boolean.class
                || place.equals("Statistics.functions.state");
    }

    private static Map<?, ?> resolved(Map<?, ?> schema) {
        Object reference = schema.get("$ref");
        return reference == null
                ? schema
                : schema(reference.toString().substring(reference.toString().lastIndexOf('/') + 1));
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    @Test
    void whatIsMissingIsEmptyAndWhatIsUnknownIsPassedOver() {
        ProblemDetails problem =
                Json.read("{\"type\":\"a\",\"title\":\"b\",\"status\":404,\"new\":1}", ProblemDetails.class);
        assertEquals(new ProblemDetails("a", "b", 404, Optional.empty(), Optional.empty(), List.of()), problem);
    }

    @Test
    void whatLacksIsEmptyInRecordsOfRecordsToo() {
        Statistics statistics = Json.read(
                "{\"chain\":\"c\",\"time\":\"2026-01-02T03:04:05Z\",\"elapsed-nanos\":5,\"links\":[],\"functions\":"
                        + "[{\"name\":\"f\",\"type\":\"t\",\"state\":\"running\",\"account\":{\"received\":7}}]}",
                Statistics.class);
        assertEquals(
                new FunctionAccount(7, 0, 0, 0, 0, 0, 0, Map.of()),
                statistics.functions().getFirst().account());
        assertEquals(Optional.empty(), statistics.conservation());
        NodeDetails node =
                Json.read("{\"name\":\"n\",\"kind\":\"host\",\"started\":\"2026-01-02T03:04:05Z\"}", NodeDetails.class);
        assertEquals(OptionalInt.empty(), node.processors());
    }

    @Test
    void valuesSurviveTheirJson() {
        ChangeSummary report = new ChangeSummary(
                List.of(new PlanStep(PlanStep.Action.RECONFIGURE, "fw", "rules")),
                List.of("sink"),
                true,
                List.of(new Obstacle(Optional.of("fw"), Optional.empty(), "it is in a machine")),
                OptionalLong.of(120),
                OptionalLong.of(0),
                OptionalLong.empty(),
                OptionalLong.of(7),
                List.of(new ChangeSummary.Drained("a..b", ChangeSummary.Direction.FORWARD, 5, 5)),
                List.of(),
                Optional.of(new Balance(1, 2, 3, 0, 0, 0, 0)),
                Optional.empty(),
                List.of("the process of function 'fw' has died"));
        String json = Json.text(report);
        assertTrue(json.contains("\"switch-drops\":7"), json);
        assertTrue(json.contains("\"pause-nanos\":120") && json.contains("\"unaccounted\":0"), json);
        assertTrue(!json.contains("reordered"), json);
        assertEquals(report, Json.read(json, ChangeSummary.class));
    }
}
