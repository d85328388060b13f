// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ContractTest {
    private static final String YAML = "application/yaml";

    @TempDir
    Path directory;

    private NodeFixture node;
    private Contract contract;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        node = new NodeFixture(directory.resolve("state"));
        contract = new Contract();
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private Answer call(
            int expected, Role role, String method, String template, String path, String body, String... headers)
            throws IOException, InterruptedException {
        Answer answer = node.send(role, method, path, body, headers);
        assertEquals(expected, answer.status(), answer.body());
        contract.check(method, template, answer.status(), answer.headers(), answer.body());
        return answer;
    }

    private Answer get(String template, String path, String... headers) throws IOException, InterruptedException {
        return call(200, Role.READ, "GET", template, path, "", headers);
    }

    @Test
    void aRequestWhoseOperationIsForgottenIsNotFollowedAgain() throws Exception {
        String[] start = {"Prefer", "wait=20"};
        String[] once = {"Idempotency-Key", "once", "Prefer", "wait=20"};
        node.put("edge", NodeFixture.chain("edge", "one"));
        String stop = "/v1/chains/edge/stop";
        Answer stopped = node.send(Role.OPERATE, "POST", stop, "", once);
        assertEquals("succeeded", stopped.json().get("state").asString(), stopped.body());
        Answer again = node.send(Role.OPERATE, "POST", stop, "", once);
        assertEquals(stopped.json().get("id"), again.json().get("id"), again.body());
        for (int i = 0; i < 1000; i++) {
            Answer started = node.send(Role.OPERATE, "POST", "/v1/chains/edge/start", "", start);
            assertEquals(200, started.status(), started.body());
        }
        Answer late = node.send(Role.OPERATE, "POST", stop, "", once);
        assertEquals(409, late.status(), late.body());
        assertTrue(late.body().contains("is not among the last 1000 any more"), late.body());
        assertEquals("running", node.get("/v1/chains/edge").json().get("state").asString());
    }

    @Test
    void everyOperationOfTheContractHasItsRouteAndItsRole() {
        Set<String> routes = new TreeSet<>();
        List<String> wrongRoles = new ArrayList<>();
        for (Route route : NodeServer.routes(node.node)) {
            routes.add(route.method() + " " + route.template());
            JsonNode operation = contract.operation(route.method(), route.template());
            String words = operation.path("description").asString("");
            String role =
                    route.role().map(r -> "Role: " + r.name().toLowerCase()).orElse("");
            boolean open = operation.has("security");
            if (open != role.isEmpty() || !open && !words.contains(role)) {
                wrongRoles.add(route.method() + " " + route.template() + ": " + role + " but " + words);
            }
        }
        assertEquals(List.of(), wrongRoles);
        assertEquals(contract.operations(), routes);
    }

    @Test
    void answersAreAsTheContractSays() throws IOException, InterruptedException {
        get("/health/live", "/health/live");
        get("/health/ready", "/health/ready");
        assertTrue(get("/openapi.yaml", "/openapi.yaml").body().startsWith("# SPDX"));
        assertTrue(get("/metrics", "/metrics").body().contains("nfv_node_info{"));
        assertEquals("read", get("/v1/token", "/v1/token").json().get("role").asString());
        get("/v1/node", "/v1/node");
        get("/v1/nodes", "/v1/nodes");
        get("/v1/function-types", "/v1/function-types?limit=2");
        assertTrue(get("/v1/function-types/{type}", "/v1/function-types/label")
                .json()
                .at("/schema/properties/label")
                .isObject());
        call(404, Role.READ, "GET", "/v1/function-types/{type}", "/v1/function-types/none", "");

        String chains = "/v1/chains";
        String yaml = NodeFixture.chain("edge", "one");
        Answer created = call(200, Role.ADMIN, "POST", chains, chains, yaml, "Content-Type", YAML, "Prefer", "wait=20");
        assertEquals("succeeded", created.json().get("state").asString());
        call(409, Role.ADMIN, "POST", chains, chains, yaml, "Content-Type", YAML);
        call(415, Role.ADMIN, "POST", chains, chains, yaml, "Content-Type", "text/html");
        call(422, Role.ADMIN, "POST", chains, chains, "chain: x\nfunctions: 7\n", "Content-Type", YAML);
        get(chains, chains);
        call(400, Role.READ, "GET", chains, chains + "?limit=0", "");

        String template = "/v1/chains/{chain}";
        String edge = "/v1/chains/edge";
        Answer first = get(template, edge);
        String tag = first.headers().get("etag");
        assertEquals("running", first.json().get("state").asString());
        assertEquals(
                "one", first.json().at("/descriptor/functions/1/config/label").asString());
        assertEquals(yaml, get(template, edge, "Accept", YAML).body());
        call(304, Role.READ, "GET", template, edge, "", "If-None-Match", tag);
        call(406, Role.READ, "GET", template, edge, "", "Accept", "text/html");
        call(404, Role.READ, "GET", template, "/v1/chains/none", "");

        String two = NodeFixture.chain("edge", "two");
        call(412, Role.ADMIN, "PUT", template, edge, two, "Content-Type", YAML, "If-Match", "\"7-x\"");
        call(412, Role.ADMIN, "PUT", template, edge, two, "Content-Type", YAML, "If-None-Match", "*");
        Answer changed = call(
                200,
                Role.ADMIN,
                "PUT",
                template,
                edge,
                two,
                "Content-Type",
                YAML,
                "If-Match",
                tag,
                "Prefer",
                "wait=20");
        assertEquals("succeeded", changed.json().get("state").asString(), changed.body());
        assertTrue(changed.json().at("/report/live").asBoolean(), changed.body());
        assertNotEquals(tag, get(template, edge).headers().get("etag"));
        call(200, Role.ADMIN, "PUT", template, edge, two, "Content-Type", YAML);
        call(202, Role.ADMIN, "PUT", template, edge, two + "# Remarked.\n", "Content-Type", YAML);
        call(400, Role.ADMIN, "PUT", template, edge, "{", "Content-Type", "application/json");
        Answer plan = call(
                200,
                Role.READ,
                "POST",
                "/v1/chains/{chain}/plan",
                edge + "/plan",
                NodeFixture.chain("edge", "three"),
                "Content-Type",
                YAML);
        assertEquals("reconfigure", plan.json().at("/steps/0/action").asString(), plan.body());

        get("/v1/chains/{chain}/statistics", edge + "/statistics");
        get("/v1/chains/{chain}/functions", edge + "/functions");
        Answer function = get("/v1/chains/{chain}/functions/{function}", edge + "/functions/label");
        assertEquals("two", function.json().at("/report/label").asString(), function.body());
        call(404, Role.READ, "GET", "/v1/chains/{chain}/functions/{function}", edge + "/functions/none", "");
        get("/v1/chains/{chain}/links", edge + "/links");
        get("/v1/chains/{chain}/links/{link}", edge + "/links/trickle..label");
        call(404, Role.READ, "GET", "/v1/chains/{chain}/links/{link}", edge + "/links/a..b", "");
        String packets = "/v1/chains/{chain}/links/{link}/packets";
        String link = edge + "/links/trickle..label/packets";
        call(200, Role.OPERATE, "GET", packets, link + "?count=2&snaplen=64", "");
        call(403, Role.READ, "GET", packets, link, "");
        call(400, Role.OPERATE, "GET", packets, link + "?snaplen=1", "");
        call(404, Role.OPERATE, "GET", packets, edge + "/links/a..b/packets", "");
        Answer traced = call(200, Role.OPERATE, "GET", "/v1/chains/{chain}/trace", edge + "/trace?count=2", "");
        assertEquals(2, traced.body().lines().count(), traced.body());
        assertFalse(traced.body().contains("ended"), "as many as were wanted: " + traced.body());
        String restore = "/v1/chains/{chain}/functions/{function}/restore";
        call(404, Role.OPERATE, "POST", restore, edge + "/functions/none/restore", "");
        Answer restored =
                call(200, Role.OPERATE, "POST", restore, edge + "/functions/label/restore", "", "Prefer", "wait=20");
        assertEquals("succeeded", restored.json().get("state").asString(), restored.body());
        get("/v1/instances", "/v1/instances");
        get("/v1/ports", "/v1/ports");

        String config = "/v1/chains/{chain}/functions/{function}/config";
        String label = edge + "/functions/label/config";
        assertEquals("two", get(config, label).json().get("label").asString());
        String patch = "application/merge-patch+json";
        Answer patched = call(
                200,
                Role.OPERATE,
                "PATCH",
                config,
                label,
                "{\"label\":\"patched\"}",
                "Content-Type",
                patch,
                "Prefer",
                "wait=20");
        assertEquals("succeeded", patched.json().get("state").asString(), patched.body());
        assertEquals("patched", get(config, label).json().get("label").asString());
        Answer refused = call(422, Role.OPERATE, "PATCH", config, label, "{\"lable\":1}", "Content-Type", patch);
        assertEquals("/lable", refused.json().at("/errors/0/pointer").asString());
        call(415, Role.OPERATE, "PATCH", config, label, "{}", "Content-Type", "application/json");
        call(400, Role.OPERATE, "PATCH", config, label, "{", "Content-Type", patch);

        call(200, Role.OPERATE, "POST", edgeTemplate("stop"), edge + "/stop", "", "Prefer", "wait=20");
        assertEquals("stopped", get(template, edge).json().get("state").asString());
        call(200, Role.OPERATE, "POST", edgeTemplate("start"), edge + "/start", "", "Prefer", "wait=20");
        call(404, Role.OPERATE, "POST", edgeTemplate("start"), "/v1/chains/none/start", "");

        Answer operations = get("/v1/operations", "/v1/operations?limit=3&chain=edge");
        assertEquals(3, operations.json().get("items").size());
        String next = operations.json().get("next").asString();
        assertTrue(get("/v1/operations", next).json().get("items").size() > 0);
        String id = operations.json().at("/items/0/id").asString();
        get("/v1/operations/{operation}", "/v1/operations/" + id, "Prefer", "wait=5");
        call(404, Role.READ, "GET", "/v1/operations/{operation}", "/v1/operations/0", "");

        Answer events = get("/v1/events", "/v1/events?follow=false");
        assertTrue(events.body().contains("event: chain-accepted\n"));
        assertTrue(get("/v1/events", "/v1/events?follow=false", "Last-Event-ID", "5")
                .body()
                .contains("event: gap\n"));
        call(400, Role.READ, "GET", "/v1/events", "/v1/events?follow=maybe", "");
        call(400, Role.READ, "GET", "/v1/statistics", "/v1/statistics?interval=1", "");
        call(200, Role.OPERATE, "GET", "/v1/logs", "/v1/logs?follow=false", "");
        call(403, Role.READ, "GET", "/v1/logs", "/v1/logs?follow=false", "");

        call(403, Role.OPERATE, "DELETE", template, edge, "");
        call(200, Role.ADMIN, "DELETE", template, edge, "", "Prefer", "wait=20");
        call(404, Role.ADMIN, "DELETE", template, edge, "");
        assertEquals(0, get(chains, chains).json().get("items").size());

        Set<String> unseen = new TreeSet<>(contract.operations());
        unseen.removeAll(contract.seen());
        assertEquals(Set.of(), unseen);
    }

    private static String edgeTemplate(String what) {
        return "/v1/chains/{chain}/" + what;
    }

    @Test
    void aTraceThatEndsBeforeItsCountSaysWhy() throws Exception {
        node.put("edge", NodeFixture.chain("edge", "one"));
        String template = "/v1/chains/{chain}/trace";
        CompletableFuture<Answer> tracing = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                tracing.complete(call(200, Role.OPERATE, "GET", template, "/v1/chains/edge/trace", ""));
            } catch (IOException | InterruptedException | AssertionError failure) {
                tracing.completeExceptionally(failure);
            }
        });
        // Over changes it goes on.
        Thread.sleep(500);
        node.put("edge", NodeFixture.chain("edge", "two"));
        Thread.sleep(500);
        node.send(Role.ADMIN, "DELETE", "/v1/chains/edge", "", "Prefer", "wait=20");
        List<String> lines = tracing.get(20, TimeUnit.SECONDS).body().lines().toList();
        assertTrue(lines.size() > 1, lines::toString);
        assertEquals("{\"chain\":\"edge\",\"ended\":\"the chain has ended\"}", lines.getLast());
        assertEquals(
                1, lines.stream().filter(line -> line.contains("\"ended\"")).count(), lines::toString);
    }

    @Test
    void theSameRequestWithTheSameKeyIsFollowedOnce() throws IOException, InterruptedException {
        String[] headers = {"Content-Type", YAML, "Idempotency-Key", "k1", "Prefer", "wait=20"};
        String yaml = NodeFixture.chain("edge", "one");
        Answer first = node.send(Role.ADMIN, "PUT", "/v1/chains/edge", yaml, headers);
        Answer again = node.send(Role.ADMIN, "PUT", "/v1/chains/edge", yaml, headers);
        assertEquals(first.json(), again.json());
        assertEquals(1, node.get("/v1/chains/edge").json().get("revision").asInt());
        Answer other = node.send(Role.ADMIN, "PUT", "/v1/chains/edge", NodeFixture.chain("edge", "x"), headers);
        assertEquals(409, other.status(), other.body());
    }

    @Test
    void aChangeThatAFunctionRefusesLeavesTheChainAsItWas() throws IOException, InterruptedException {
        node.put("edge", NodeFixture.chain("edge", "one"));
        Answer refused = node.put("edge", NodeFixture.chain("edge", "forbidden"));
        assertEquals("failed", refused.json().get("state").asString(), refused.body());
        assertEquals(
                "/functions/1/config/label",
                refused.json().at("/problem/errors/0/pointer").asString(),
                refused.body());
        JsonNode chain = node.get("/v1/chains/edge").json();
        assertEquals("running", chain.get("state").asString());
        assertEquals("one", chain.at("/descriptor/functions/1/config/label").asString());
        assertEquals(
                "one",
                node.get("/v1/chains/edge/functions/label")
                        .json()
                        .at("/report/label")
                        .asString());
    }

    @Test
    void aChainThatFailsLeavesTheOthersAlone() throws IOException, InterruptedException {
        node.put("good", NodeFixture.chain("good", "one"));
        Answer refused = node.put("bad", NodeFixture.chain("bad", "forbidden"));
        assertEquals("failed", refused.json().get("state").asString());
        assertEquals("failed", node.get("/v1/chains/bad").json().get("state").asString());
        node.put("fatal", "on-failure: {policy: stop}\n" + NodeFixture.chain("fatal", "fatal"));
        awaitState("fatal", "failed");
        assertTrue(node.get("/v1/chains/fatal").json().get("error").asString().contains("a fatal packet"));
        assertEquals(
                "failed",
                node.get("/v1/chains/fatal/functions/label").json().get("state").asString());
        assertEquals("running", node.get("/v1/chains/good").json().get("state").asString());
        assertEquals(503, node.get("/health/ready").status());
        assertTrue(node.get("/v1/events?follow=false").body().contains("event: function-failed\n"));
    }

    @Test
    void aFunctionThatFailsTooOftenIsInQuarantineUntilItIsRestored() throws IOException, InterruptedException {
        node.put("ill", "on-failure: {limit: 1}\n" + NodeFixture.chain("ill", "fatal"));
        String label = "/v1/chains/ill/functions/label";
        for (int i = 0; i < 200 && !node.get(label).body().contains("\"quarantined\""); i++) {
            Thread.sleep(50);
        }
        JsonNode function = node.get(label).json();
        assertEquals("quarantined", function.get("state").asString());
        assertTrue(function.get("error").asString().contains("a fatal packet"), function::toString);
        assertEquals("running", node.get("/v1/chains/ill").json().get("state").asString());
        Thread.sleep(500);
        assertTrue(node.get("/v1/events?follow=false").body().contains("event: function-quarantined\n"));
        Answer restored = node.send(Role.OPERATE, "POST", label + "/restore", "", "Prefer", "wait=20");
        assertEquals("succeeded", restored.json().get("state").asString(), restored.body());
    }

    @Test
    void aChainWhoseSourcesAreExhaustedHasEndedAlsoAfterARestart() throws IOException, InterruptedException {
        node.put("short", """
                chain: short
                functions:
                  - {type: trickle, config: {count: 5}}
                  - {type: hole}
                """);
        awaitState("short", "ended");
        JsonNode balance = node.get("/v1/chains/short").json().get("conservation");
        assertEquals(5, balance.get("consumed").asInt());
        assertEquals(0, balance.get("unaccounted").asInt());
        node.put("edge", NodeFixture.chain("edge", "one"));
        node.put("idle", NodeFixture.chain("idle", "one"));
        node.send(Role.OPERATE, "POST", "/v1/chains/idle/stop", "", "Prefer", "wait=20");
        node.close();
        node = new NodeFixture(directory.resolve("state"));
        awaitState("edge", "running");
        assertEquals("ended", node.get("/v1/chains/short").json().get("state").asString());
        assertEquals("stopped", node.get("/v1/chains/idle").json().get("state").asString());
        assertEquals(200, node.get("/health/ready").status());
        assertEquals(4, node.get("/v1/operations").json().get("items").size());
    }

    private void awaitState(String chain, String state) throws IOException, InterruptedException {
        for (int i = 0; i < 200; i++) {
            if (node.get("/v1/chains/" + chain).json().get("state").asString().equals(state)) {
                return;
            }
            Thread.sleep(50);
        }
        assertEquals(state, node.get("/v1/chains/" + chain).json().get("state").asString());
    }
}
