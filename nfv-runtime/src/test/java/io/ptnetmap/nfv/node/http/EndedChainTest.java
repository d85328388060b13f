// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A chain whose sources are exhausted, and what is asked for while its processes and machines are put away, which takes time. */
@Timeout(90)
class EndedChainTest {
    private static final String CHAIN = "/v1/chains/edge";
    private static final String[] YAML = {"Content-Type", "application/yaml"};

    @TempDir
    Path directory;

    private final HeldRuns runs = new HeldRuns();

    private static String chain(int count) {
        return "chain: edge\nfunctions:\n  - {type: trickle, config: {per-tick: 5, count: " + count
                + "}}\n  - {type: hole}\n";
    }

    private static void awaitState(NodeFixture node, String state) throws Exception {
        node.await(
                CHAIN,
                Duration.ofSeconds(20),
                found -> found.get("state").asString().equals(state));
    }

    @Test
    void whatIsAcceptedThenRunsAgainWithTheNextNode() throws Exception {
        HeldRuns.Gate close = runs.hold("close");
        try (NodeFixture node = new NodeFixture(directory.resolve("state"), runs)) {
            node.put("edge", chain(5));
            close.await();
            NodeFixture.Answer accepted = node.send(Role.ADMIN, "PUT", CHAIN, chain(0), YAML);
            assertEquals(202, accepted.status(), accepted::body);
            close.open();
            awaitState(node, "running");
        }
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            awaitState(node, "running");
        }
    }

    @Test
    void nothingOfItBeginsAnewWithTheNextNode() throws Exception {
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            node.put("edge", chain(5));
            awaitState(node, "ended");
        }
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            awaitState(node, "ended");
        }
    }

    @Test
    void whoWantsToSeeItsPacketsHearsInWhichStateItIs() throws Exception {
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            node.put("edge", chain(5));
            awaitState(node, "ended");
            assertRefused(node, "chain 'edge' has ended, for its sources are exhausted: start it again first");
            node.put("edge", chain(0));
            awaitState(node, "running");
            node.send(Role.ADMIN, "POST", CHAIN + "/stop", "", YAML);
            awaitState(node, "stopped");
            assertRefused(node, "chain 'edge' is stopped: start it first");
        }
    }

    private static void assertRefused(NodeFixture node, String why) throws Exception {
        NodeFixture.Answer answer = node.send(Role.OPERATE, "GET", CHAIN + "/trace", "", YAML);
        assertEquals(409, answer.status(), answer::body);
        assertEquals(why, answer.json().get("detail").asString());
    }
}
