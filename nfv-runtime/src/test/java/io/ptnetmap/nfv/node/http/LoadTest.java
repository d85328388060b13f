// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node with 1,000 functions in 100 chains. */
@Tag("soak")
class LoadTest {
    private static final int CHAINS = 100;
    private static final int FUNCTIONS = 10;
    private static final int REQUESTS = 2000;
    private static final long MOST_NANOS = 50_000_000;
    private static final String BUSY = """
            chain: busy
            functions:
              - {type: counting-source, config: {count: 1000000000000}}
              - {type: pass}
              - {type: checking-sink}
            """;

    @TempDir
    Path directory;

    /** @param busy whether one more chain keeps a processor busy, as fast as it can */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theApiAnswersInFiftyMilliseconds(boolean busy) throws IOException, InterruptedException {
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            long began = System.nanoTime();
            for (int i = 0; i < CHAINS; i++) {
                assertEquals(200, node.put("c" + i, chain(i)).status());
            }
            System.out.printf("%d chains started in %d ms%n", CHAINS, (System.nanoTime() - began) / 1_000_000);
            assertEquals(
                    CHAINS * FUNCTIONS,
                    node.get("/v1/node").json().get("functions").asInt());
            if (busy) {
                assertEquals(200, node.put("busy", BUSY).status());
            }
            for (int i = 0; i < 500; i++) {
                assertEquals(200, node.get("/v1/chains/c" + i % CHAINS).status());
            }
            List<Long> nanos = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                String chain = "/v1/chains/c" + i % CHAINS;
                String path = List.of(chain, chain + "/statistics", chain + "/functions", chain + "/links", "/v1/node")
                        .get(i % 5);
                long start = System.nanoTime();
                assertEquals(200, node.get(path).status());
                nanos.add(System.nanoTime() - start);
            }
            Collections.sort(nanos);
            long p99 = nanos.get(REQUESTS * 99 / 100);
            System.out.printf(
                    "%d requests%s: p50 %.1f ms, p99 %.1f ms, most %.1f ms%n",
                    REQUESTS,
                    busy ? " beside a chain at full rate" : "",
                    nanos.get(REQUESTS / 2) / 1e6,
                    p99 / 1e6,
                    nanos.getLast() / 1e6);
            assertTrue(p99 < MOST_NANOS, () -> "p99 " + p99 / 1e6 + " ms");
        }
    }

    private static String chain(int number) {
        StringBuilder yaml = new StringBuilder("chain: c" + number + "\nfunctions:\n  - {type: trickle}\n");
        for (int i = 0; i < FUNCTIONS - 2; i++) {
            yaml.append("  - {type: label, name: l").append(i).append("}\n");
        }
        return yaml.append("  - {type: hole}\n").toString();
    }
}
