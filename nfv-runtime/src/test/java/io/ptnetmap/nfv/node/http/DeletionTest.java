// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.deploy.ChangeRefusedException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A chain that is to be deleted. */
@Timeout(60)
class DeletionTest {
    private static final String CHAIN = "/v1/chains/edge";
    private static final int CHAINS = 40;

    @TempDir
    Path directory;

    private static NodeFixture.Answer change(NodeFixture node, String label) throws Exception {
        return node.send(
                Role.ADMIN, "PUT", CHAIN, NodeFixture.chain("edge", label), "Content-Type", "application/yaml");
    }

    /** It is stored as it was before: but it is still to be deleted. */
    @Test
    void aChangeBeforeThatFailsDoesNotOpenItToFurtherChanges() throws Exception {
        HeldRuns runs = new HeldRuns();
        HeldRuns.Gate change = runs.hold("change");
        HeldRuns.Gate drain = runs.hold("drain");
        try (NodeFixture node = new NodeFixture(directory, runs)) {
            node.put("edge", NodeFixture.chain("edge", "one"));
            assertEquals(202, change(node, "two").status());
            change.await();
            assertEquals(202, node.send(Role.ADMIN, "DELETE", CHAIN, "").status());
            change.fail(new ChangeRefusedException("", "", "packets find no way out"));
            drain.await();
            NodeFixture.Answer late = change(node, "three");
            assertEquals(409, late.status(), late::body);
            drain.open();
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (node.get(CHAIN).status() != 404 && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            assertEquals(404, node.get(CHAIN).status());
            NodeFixture.Answer anew = node.put("edge", NodeFixture.chain("edge", "four"));
            assertEquals("succeeded", anew.json().get("state").asString(), anew::body);
        }
    }

    @Test
    void whoeverAsksForAllChainsMeanwhileIsToldOfThoseThatAreLeft() throws Exception {
        try (NodeFixture node = new NodeFixture(directory, new HeldRuns())) {
            for (int i = 0; i < CHAINS; i++) {
                node.put("c" + i, NodeFixture.chain("c" + i, "one"));
            }
            for (int i = 0; i < CHAINS; i++) {
                assertEquals(
                        202,
                        node.send(Role.ADMIN, "DELETE", "/v1/chains/c" + i, "").status());
            }
            NodeFixture.Answer left;
            do {
                left = node.get("/v1/chains");
                assertEquals(200, left.status(), left::body);
            } while (!left.json().get("items").isEmpty());
        }
    }
}
