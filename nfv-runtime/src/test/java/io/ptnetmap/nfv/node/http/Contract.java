// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.ptnetmap.nfv.node.Node;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The contract, held against answers by a validator that nobody here has written. */
final class Contract {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JsonNode root;
    private final Set<String> seen = new TreeSet<>();
    private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

    Contract() throws IOException {
        try (InputStream in = Node.class.getResourceAsStream("openapi.yaml")) {
            root = JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromInputStream(in));
        }
    }

    /** Every method and address of it. */
    Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        root.get("paths")
                .properties()
                .forEach(path -> path.getValue().propertyNames().forEach(method -> {
                    if (!method.equals("parameters")) {
                        operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                    }
                }));
        return operations;
    }

    JsonNode operation(String method, String template) {
        return root.get("paths").get(template).get(method.toLowerCase(Locale.ROOT));
    }

    /** Operations that answers were checked of. */
    Set<String> seen() {
        return seen;
    }

    /** Checks status, media type, headers and content of an answer. */
    void check(String method, String template, int status, Map<String, String> headers, String body) {
        JsonNode operation = operation(method, template);
        JsonNode response = resolve(operation.path("responses").path(String.valueOf(status)));
        assertFalse(
                response.isMissingNode(), () -> method + " " + template + " may not answer " + status + ": " + body);
        seen.add(method + " " + template);
        response.path("headers").properties().forEach(header -> {
            if (resolve(header.getValue()).path("required").asBoolean(false)) {
                assertTrue(
                        headers.containsKey(header.getKey().toLowerCase(Locale.ROOT)),
                        () -> method + " " + template + ": no " + header.getKey());
            }
        });
        JsonNode content = response.path("content");
        if (content.isEmpty()) {
            assertEquals("", body);
            return;
        }
        String type = headers.getOrDefault("content-type", "").replaceFirst(";.*", "");
        JsonNode media = content.path(type);
        assertFalse(media.isMissingNode(), () -> method + " " + template + " may not answer with " + type);
        if (type.endsWith("ndjson")) {
            body.lines().forEach(line -> checkJson(media.get("schema"), line));
        } else if (type.endsWith("json")) {
            checkJson(media.get("schema"), body);
        } else if (type.equals("text/event-stream")) {
            body.lines()
                    .filter(line -> line.startsWith("data: "))
                    .forEach(line -> checkJson(media.get("schema"), line.substring(6)));
        }
    }

    /** The address of an operation in the contract, by one that is as it is sent. */
    Optional<String> templateOf(String method, String path) {
        return operations().stream()
                .filter(operation -> operation.startsWith(method + " "))
                .map(operation -> operation.substring(method.length() + 1))
                .filter(template -> path.matches(template.replaceAll("\\{[a-z]+}", "[^/]*")))
                .findFirst();
    }

    /** Whether an operation says that it may give an answer of this status. */
    boolean says(String method, String template, int status) {
        return operation(method, template).path("responses").has(String.valueOf(status));
    }

    /** What a refusal looks like, whoever gives it. */
    void checkProblem(int status, Map<String, String> headers, String body) {
        assertEquals("application/problem+json", headers.get("content-type"), body);
        checkJson(root.at("/components/schemas/Problem"), body);
        assertEquals(status, JSON.readTree(body).get("status").asInt());
    }

    /** All of it. */
    JsonNode json() {
        return root;
    }

    private void checkJson(JsonNode schema, String body) {
        assertEquals(
                List.of(),
                schemas.computeIfAbsent(schema.toString(), text -> compile(schema))
                        .validate(JSON.readTree(body)),
                body);
    }

    /** References lead into the contract's components. */
    private Schema compile(JsonNode schema) {
        ObjectNode whole = JSON.createObjectNode();
        whole.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        whole.set("components", root.get("components"));
        whole.putArray("allOf").add(schema);
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(whole);
    }

    private JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? root.at(node.get("$ref").asString().substring(1)) : node;
    }
}
