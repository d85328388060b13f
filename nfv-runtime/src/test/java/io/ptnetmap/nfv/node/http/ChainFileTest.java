// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file from which processes of a chain read it cannot be written. */
@Timeout(60)
class ChainFileTest {
    private static final String CHAIN = "/v1/chains/edge";

    @TempDir
    Path directory;

    private Path file() throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.endsWith("edge.yaml")).findFirst().orElseThrow();
        }
    }

    private static String label(NodeFixture node) throws Exception {
        return node.get(CHAIN + "/functions/label/config").json().get("label").asString();
    }

    @Test
    void aChangeFailsThenAndTheChainRunsOnAsItWas() throws Exception {
        try (NodeFixture node = new NodeFixture(directory)) {
            node.put("edge", NodeFixture.chain("edge", "one"));
            Path file = file();
            Files.delete(file);
            Path inTheWay = Files.createFile(Files.createDirectory(file).resolve("in-the-way"));
            NodeFixture.Answer failed = node.put("edge", NodeFixture.chain("edge", "two"));
            assertEquals("failed", failed.json().get("state").asString(), failed::body);
            String detail = failed.json().at("/problem/detail").asString();
            assertTrue(detail.startsWith("cannot write " + file), detail);
            assertEquals("running", node.get(CHAIN).json().get("state").asString());
            assertEquals("one", label(node));

            Files.delete(inTheWay);
            Files.delete(file);
            NodeFixture.Answer changed = node.put("edge", NodeFixture.chain("edge", "three"));
            assertTrue(changed.json().at("/report/live").asBoolean(), changed::body);
            assertEquals("three", label(node));
        }
    }
}
