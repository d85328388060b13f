// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.FakeMachines;
import io.ptnetmap.nfv.deploy.Launcher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A node's chains are changed inside virtual machines that run. */
class MachineApiTest {
    private static final String CHAIN = "/v1/chains/edge";

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeftBehind() {
        assertEquals(List.of(), FakeMachines.running());
    }

    private static String yaml(String functions) {
        return "chain: edge\nfunctions:\n  - {type: trickle}\n" + functions + "  - {type: hole}\n";
    }

    private static String label(String name, String more) {
        return "  - {name: " + name + ", type: label, vm: box" + more + ", config: {label: " + name + "}}\n";
    }

    private static void assertLive(NodeFixture.Answer answer, boolean live) {
        assertEquals("succeeded", answer.json().get("state").asString(), answer::body);
        JsonNode report = answer.json().get("report");
        assertEquals(live, report.get("live").asBoolean(), answer::body);
        if (live) {
            assertEquals(0, report.get("lost").asInt(), answer::body);
            assertTrue(report.get("pause-nanos").asLong() > 0, answer::body);
        }
    }

    /** The one reason, with the function and the field that it is about. */
    private static void assertWhy(JsonNode obstacles) {
        assertEquals(1, obstacles.size(), obstacles::toString);
        assertEquals("c", obstacles.at("/0/function").asString(), obstacles::toString);
        assertEquals("worker", obstacles.at("/0/field").asString(), obstacles::toString);
        String reason = obstacles.at("/0/reason").asString();
        assertTrue(reason.contains("virtual machine 'box'") && reason.contains("network interfaces"), reason);
    }

    /** What is answered to another configuration of the first function, after so many seconds at most. */
    private static NodeFixture.Answer relabelled(NodeFixture node, int seconds) throws Exception {
        return node.send(
                Role.OPERATE,
                "PATCH",
                CHAIN + "/functions/a/config",
                "{\"label\": \"b\"}",
                "Content-Type",
                "application/merge-patch+json",
                "Prefer",
                "wait=" + seconds);
    }

    @Test
    void configurationsChangeAndFunctionsComeAndGo() throws Exception {
        Path state = directory.resolve("state");
        try (NodeFixture node = new NodeFixture(state, new Launcher(), FakeMachines.in(directory))) {
            NodeFixture.Answer created = node.put("edge", yaml(label("a", "")));
            assertEquals("succeeded", created.json().get("state").asString(), created::body);
            NodeFixture.Answer patched = relabelled(node, 20);
            assertLive(patched, true);
            assertEquals(
                    "b",
                    node.get(CHAIN + "/functions/a/config").json().get("label").asString());
            assertLive(node.put("edge", yaml(label("a", "") + label("c", ""))), true);
            for (String name : List.of("a", "c")) {
                JsonNode function = node.get(CHAIN + "/functions/" + name).json();
                assertEquals("vm box", function.get("placement").asString(), function::toString);
                assertEquals("vm box", function.get("process").asString(), function::toString);
                assertEquals("running", function.get("state").asString(), function::toString);
            }
            // That takes other network interfaces: the chain is drained, and the machine boots again.
            String twoWorkers = yaml(label("a", "") + label("c", ", worker: 1"));
            assertWhy(node.send(Role.READ, "POST", CHAIN + "/plan", twoWorkers, "Content-Type", "application/yaml")
                    .json()
                    .get("obstacles"));
            NodeFixture.Answer anew = node.put("edge", twoWorkers);
            assertLive(anew, false);
            assertWhy(anew.json().at("/report/obstacles"));
            JsonNode last = anew.json().get("id");
            JsonNode event = node.events("operation").stream()
                    .filter(told -> told.at("/data/operation").equals(last)
                            && told.at("/data/state").asString().equals("succeeded"))
                    .findFirst()
                    .orElseThrow();
            assertFalse(event.at("/data/live").asBoolean(true), event::toString);
            assertWhy(event.at("/data/obstacles"));
            String message = event.get("message").asString();
            assertTrue(message.startsWith("drained and started anew: the rings of the workers"), message);
        }
    }

    private static void awaitState(NodeFixture node, String function, String state) throws Exception {
        node.await(
                CHAIN + "/functions/" + function,
                Duration.ofSeconds(30),
                found -> found.get("state").asString().equals(state));
    }

    @Test
    void aMachineThatBootsAgainKeepsNobodyWaitingButChanges() throws Exception {
        Path state = directory.resolve("state");
        try (NodeFixture node = new NodeFixture(state, new Launcher(), FakeMachines.in(directory))) {
            node.put("edge", yaml(label("a", "")));
            FakeMachines.hold(directory);
            FakeMachines.running().getFirst().destroyForcibly();
            awaitState(node, "a", "restarting");
            long began = System.nanoTime();
            int looks = 10;
            for (int i = 0; i < looks; i++) {
                for (String path : List.of(CHAIN, CHAIN + "/statistics", CHAIN + "/functions", CHAIN + "/links")) {
                    assertEquals(200, node.get(path).status());
                }
                awaitState(node, "a", "restarting");
            }
            Duration look = Duration.ofNanos((System.nanoTime() - began) / looks);
            assertTrue(look.toMillis() < 500, look::toString);
            awaitEvent(node, "process-died");
            assertEquals(1, node.events("process-died").size());
            assertEquals(List.of(), node.events("process-restarted"), "it is not there again");

            NodeFixture.Answer asked = relabelled(node, 1);
            assertEquals(202, asked.status(), asked::body);
            FakeMachines.release(directory);
            assertLive(node.send(Role.READ, "GET", asked.headers().get("location"), "", "Prefer", "wait=20"), true);
            awaitState(node, "a", "running");
            assertEquals(1, node.events("process-died").size());
            awaitEvent(node, "process-restarted");
        }
    }

    /** The node tells of it when it looks at the chain next. */
    private static void awaitEvent(NodeFixture node, String type) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (node.events(type).isEmpty()) {
            assertTrue(System.nanoTime() < deadline, "it is not told");
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
