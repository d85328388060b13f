// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.http.NodeFixture.Answer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests for what a chain is already: no new version of it comes of them. */
@Timeout(60)
class UnchangedChainTest {
    private static final String CHAIN = "/v1/chains/edge";
    private static final String YAML = """
            chain: edge
            functions:
              # A remark.
              - {type: trickle, config: {per-tick: 5}}
              - {type: label, config: {label: one}}
              - {type: hole}
            """;
    private static final String WAIT = "wait=20";

    @TempDir
    Path directory;

    private static Answer patch(NodeFixture node, String function, String patch, String... more) throws Exception {
        String[] headers = new String[more.length + 2];
        headers[0] = "Content-Type";
        headers[1] = "application/merge-patch+json";
        System.arraycopy(more, 0, headers, 2, more.length);
        return node.send(Role.OPERATE, "PATCH", CHAIN + "/functions/" + function + "/config", patch, headers);
    }

    private static String etag(NodeFixture node) throws Exception {
        return node.get(CHAIN).headers().get("etag");
    }

    private static String accepted(NodeFixture node) throws Exception {
        return node.send(Role.READ, "GET", CHAIN, "", "Accept", "application/yaml")
                .body();
    }

    /** It is answered at once, though nobody said that he waits, and nothing was done. */
    private static void assertNothingDone(NodeFixture node, Answer answer, int revision, boolean live)
            throws Exception {
        assertEquals(200, answer.status(), answer::body);
        assertEquals("succeeded", answer.json().get("state").asString(), answer::body);
        assertEquals(revision, answer.json().get("revision").asInt(), answer::body);
        assertEquals(0, answer.json().at("/report/steps").size(), answer::body);
        assertEquals(live, answer.json().at("/report/live").asBoolean(), answer::body);
        assertEquals(answer.json(), node.get(answer.headers().get("location")).json(), "the operation is there");
        assertEquals(revision, node.get(CHAIN).json().get("revision").asInt());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    label   | {"label": "one"}
                    label   | {}
                    label   | {"other": null}
                    trickle | {"per-tick": 5}
                    trickle | {"per-tick": 5, "count": null}
                    hole    | {}
                    """)
    void aPatchOfWhatIsSoAlreadyMakesNoVersion(String function, String patch) throws Exception {
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            node.put("edge", YAML);
            String before = etag(node);
            Answer answer = patch(node, function, patch);
            assertNothingDone(node, answer, 1, true);
            assertTrue(answer.json().at("/report/untouched").toString().contains("label"), answer::body);
            assertEquals(before, etag(node));
            assertEquals(YAML, accepted(node), "remarks, too");
            assertEquals(1, node.events("chain-accepted").size());
            // Who knows that version may change it.
            Answer changed = patch(node, "label", "{\"label\": \"two\"}", "If-Match", before, "Prefer", WAIT);
            assertEquals(200, changed.status(), changed::body);
            assertEquals(2, changed.json().get("revision").asInt(), changed::body);
            assertEquals(1, changed.json().at("/report/steps").size(), changed::body);
            assertNotEquals(before, etag(node));
        }
    }

    @Test
    void itsConditionsHoldAllTheSame() throws Exception {
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            node.put("edge", YAML);
            String same = "{\"label\": \"one\"}";
            String before = etag(node);
            assertEquals(412, patch(node, "label", same, "If-Match", "\"0-x\"").status());
            assertNothingDone(node, patch(node, "label", same, "If-Match", before), 1, true);
            Answer first = patch(node, "label", same, "Idempotency-Key", "k");
            assertEquals(
                    first.json(),
                    patch(node, "label", same, "Idempotency-Key", "k").json());
            assertEquals(409, patch(node, "label", "{}", "Idempotency-Key", "k").status(), "another request");
            assertEquals(
                    422,
                    patch(node, "label", "{\"lable\": null, \"label\": 1, \"x\": 2}")
                            .status());
            assertEquals(before, etag(node));
        }
    }

    @Test
    void aDescriptorThatIsTheSameMakesNoVersion() throws Exception {
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            node.put("edge", YAML);
            String before = etag(node);
            assertNothingDone(node, node.put("edge", YAML), 1, true);
            assertEquals(before, etag(node));
            assertEquals(
                    412,
                    node.send(Role.ADMIN, "PUT", CHAIN, YAML, "Content-Type", "application/yaml", "If-None-Match", "*")
                            .status());
            // What it says may be the same, and its text another.
            String remarked = YAML.replace("A remark", "Another remark");
            assertEquals(2, node.put("edge", remarked).json().get("revision").asInt());
            assertEquals(remarked, accepted(node));

            node.send(Role.OPERATE, "POST", CHAIN + "/stop", "", "Prefer", WAIT);
            assertNothingDone(node, node.put("edge", remarked), 2, false);
            assertNothingDone(node, patch(node, "label", "{\"label\": \"one\"}"), 2, false);
            assertEquals("stopped", node.get(CHAIN).json().get("state").asString());
        }
    }

    @Test
    void aChainThatHasEndedBeginsAnewByIt() throws Exception {
        String five = YAML.replace("per-tick: 5", "per-tick: 5, count: 5");
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            node.put("edge", five);
            awaitConsumed(node, 5);
            Answer again = node.put("edge", five);
            assertEquals("succeeded", again.json().get("state").asString(), again::body);
            assertEquals(3, again.json().at("/report/steps").size() / 2, again::body);
            awaitConsumed(node, 10);
        }
    }

    private static void awaitConsumed(NodeFixture node, int packets) throws Exception {
        node.await(
                CHAIN,
                Duration.ofSeconds(20),
                found -> found.get("state").asString().equals("ended")
                        && found.at("/conservation/consumed").asInt() == packets);
    }

    /** What is stored is not what runs yet, nor may ever be. */
    @Test
    void whatIsUnderWayIsWaitedFor() throws Exception {
        HeldRuns runs = new HeldRuns();
        HeldRuns.Gate change = runs.hold("change");
        try (NodeFixture node = new NodeFixture(directory.resolve("state"), runs)) {
            node.put("edge", YAML);
            String refused = YAML.replace("label: one", "label: forbidden");
            String[] yaml = {"Content-Type", "application/yaml"};
            Answer first = node.send(Role.ADMIN, "PUT", CHAIN, refused, yaml);
            change.await();
            Answer second = node.send(Role.ADMIN, "PUT", CHAIN, refused, yaml);
            assertEquals(202, second.status(), second::body);
            assertEquals(3, second.json().get("revision").asInt(), second::body);
            change.open();
            for (Answer asked : new Answer[] {first, second}) {
                Answer end = node.send(Role.READ, "GET", asked.headers().get("location"), "", "Prefer", WAIT);
                assertEquals("failed", end.json().get("state").asString(), end::body);
            }
            assertEquals(
                    "one",
                    node.get(CHAIN)
                            .json()
                            .at("/descriptor/functions/1/config/label")
                            .asString());
        }
    }
}
