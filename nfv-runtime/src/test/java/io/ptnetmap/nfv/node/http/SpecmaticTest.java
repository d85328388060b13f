// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.Installed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Specmatic, a tester of contracts that nobody here has written, reads the contract, asks for what it says, also wrongly, and judges
 * the answers. It reads OpenAPI 3.0, knows no streams, and finds nothing by itself; so it is given the contract as 3.0, with names of
 * what is there.
 */
class SpecmaticTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern SUMMARY =
            Pattern.compile("Tests run: (\\d+), Successes: (\\d+), Failures: (\\d+)(?:, WIP: \\d+)?, Errors: (\\d+)");
    private static final Pattern FAILED = Pattern.compile("\"([+-]ve) {2}Scenario: (\\w+ \\S+) -> .* FAILED\"");
    private static final int LEAST_TESTS = 150;
    /** It cannot make descriptors, which have to begin with a source and to end with a sink. */
    private static final Set<String> DESCRIBED =
            Set.of("POST /v1/chains", "PUT /v1/chains/(chain:string)", "POST /v1/chains/(chain:string)/plan");

    /** It spoils a pattern by an underscore at its end, which names may have: some of what it makes of this one is right. */
    private static final String NOT_SPOILT = "an invalid regex '^[A-Za-z0-9][A-Za-z0-9_.-]*_$'";

    private static final Map<String, String> NAMES = Map.of(
            "chain",
            "edge",
            "function",
            "label",
            "link",
            "trickle..label",
            "type",
            "label",
            "operation",
            "000000000001");
    /** Whose values must mean something to be taken. */
    private static final Set<String> UNUSED =
            Set.of("After", "Prefer", "IdempotencyKey", "IfMatch", "IfNoneMatch", "Filter");

    private static final Set<String> STREAMS = Set.of(
            "/v1/statistics",
            "/v1/events",
            "/v1/logs",
            "/v1/chains/{chain}/trace",
            "/v1/chains/{chain}/links/{link}/packets");

    @TempDir
    Path directory;

    @Test
    void specmaticHasNothingToComplainOf() throws IOException, InterruptedException {
        Path jar = Installed.npm("specmatic/specmatic.jar");
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            // It takes the elements of a list for alike, so none has a configuration here.
            String chain = "chain: edge\nfunctions: [{type: trickle}, {type: label}, {type: hole}]\n";
            assertEquals(200, node.put("edge", chain).status());
            Path contract = Files.write(directory.resolve("node.json"), JSON.writeValueAsBytes(simplified()));
            ProcessBuilder command = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-jar",
                            jar.toString(),
                            "test",
                            contract.toString(),
                            "--testBaseURL",
                            "http://127.0.0.1:" + node.server.port())
                    .directory(directory.toFile())
                    .redirectErrorStream(true);
            command.environment().put("SPECMATIC_GENERATIVE_TESTS", "true");
            command.environment().put("bearer", node.tokens.get(Role.ADMIN));
            Process process = command.start();
            String said = new String(process.getInputStream().readAllBytes());
            process.waitFor();
            Matcher summary = SUMMARY.matcher(said);
            assertTrue(summary.find(), said);
            System.out.println("Specmatic: " + summary.group());
            assertTrue(Integer.parseInt(summary.group(1)) >= LEAST_TESTS, said);
            String unsuccessful = said.substring(Math.max(0, said.indexOf("Unsuccessful Scenarios")));
            assertEquals(
                    List.of(),
                    FAILED.matcher(unsuccessful)
                            .results()
                            .filter(scenario -> scenario.group(1).equals("-ve")
                                    ? !scenario.group().contains(NOT_SPOILT)
                                    : !DESCRIBED.contains(scenario.group(2)))
                            .map(MatchResult::group)
                            .toList(),
                    unsuccessful);
            assertEquals("0", summary.group(4), unsuccessful);
            assertEquals(200, node.get("/health/live").status());
        }
    }

    private static ObjectNode simplified() throws IOException {
        ObjectNode contract = (ObjectNode) new Contract().json().deepCopy();
        contract.put("openapi", "3.0.3");
        ((ObjectNode) contract.get("info")).remove(List.of("summary", "license"));
        ObjectNode paths = (ObjectNode) contract.get("paths");
        paths.remove(STREAMS);
        // Which would take away what the others ask for.
        paths.remove("/v1/chains/{chain}/stop");
        ((ObjectNode) paths.get("/v1/chains/{chain}")).remove("delete");
        paths.forEach(SpecmaticTest::simplifyPath);
        ObjectNode components = (ObjectNode) contract.get("components");
        components.get("parameters").properties().forEach(parameter -> name((ObjectNode) parameter.getValue()));
        ObjectNode operation = (ObjectNode) paths.at("/~1v1~1operations~1{operation}/parameters/0");
        name(operation);
        simplifySchemas(contract);
        ObjectNode descriptor = (ObjectNode) JSON.readTree("""
                {"application/json": {"schema": {"type": "object", "required": ["chain", "functions"], "additionalProperties": false,
                  "properties": {"chain": {"type": "string", "enum": ["edge"]},
                                 "functions": {"type": "array", "items": {"type": "object", "required": ["type"],
                                   "properties": {"type": {"type": "string", "enum": ["hole"]}}}}}}}}
                """);
        ((ObjectNode) components.at("/requestBodies/Descriptor")).set("content", descriptor);
        return contract;
    }

    private static void simplifyPath(JsonNode path) {
        path.properties().stream()
                .filter(entry -> !entry.getKey().equals("parameters"))
                .forEach(entry -> {
                    ObjectNode operation = (ObjectNode) entry.getValue();
                    if (operation.get("parameters") instanceof ArrayNode parameters) {
                        for (int i = parameters.size() - 1; i >= 0; i--) {
                            String reference = parameters.get(i).path("$ref").asString("");
                            if (UNUSED.contains(reference.replaceFirst(".*/", ""))) {
                                parameters.remove(i);
                            }
                        }
                    }
                    ObjectNode responses = (ObjectNode) operation.get("responses");
                    if (responses.has("202")) {
                        // Its patches are empty, so that there is nothing to do.
                        responses.remove(entry.getKey().equals("patch") ? "202" : "200");
                    }
                    responses.remove(List.of("304", "503"));
                    // It asks for each form by the same words.
                    responses.forEach(response -> {
                        if (response.path("content").size() > 1) {
                            ((ObjectNode) response.get("content"))
                                    .remove(List.of("application/yaml", "application/openmetrics-text"));
                        }
                    });
                });
    }

    private static void name(ObjectNode parameter) {
        String name = NAMES.get(parameter.get("name").asString());
        if (name != null) {
            parameter.putObject("schema").put("type", "string").putArray("enum").add(name);
        }
    }

    /** 3.0 has no words beside a reference, no enum without a type, and no list of whatever there is. */
    private static void simplifySchemas(JsonNode node) {
        if (node instanceof ObjectNode object) {
            if (object.has("$ref") && object.has("properties")) {
                ArrayNode all = object.putArray("allOf");
                all.addObject().set("$ref", object.remove("$ref"));
                all.addObject().put("type", "object").set("properties", object.remove("properties"));
            } else if (object.get("$ref") instanceof JsonNode reference && reference.isString()) {
                object.retain("$ref");
            }
            if (object.has("enum") && !object.has("type")) {
                object.put("type", "string");
            }
            if (object.path("type").asString("").equals("array") && !object.has("items")) {
                object.putObject("items").put("type", "object");
            }
            if (object.path("type").asString("").equals("object")
                    && !object.has("properties")
                    && !object.has("additionalProperties")) {
                object.put("additionalProperties", true);
            }
            object.remove("contentEncoding");
        }
        node.forEach(SpecmaticTest::simplifySchemas);
    }
}
