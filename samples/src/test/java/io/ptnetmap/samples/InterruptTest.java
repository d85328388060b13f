// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C at a terminal reaches every process of a chain at once; still all packets arrive, and the summary comes. */
class InterruptTest {
    @TempDir
    Path directory;

    @Test
    void theWholeProcessGroupIsInterrupted() throws Exception {
        Path chain = Files.writeString(directory.resolve("endless.yaml"), """
                chain: endless
                functions:
                  - {type: generator, config: {rate: 50k}}
                  - {type: firewall, process: own, config: {default: accept}}
                  - {type: sink}
                """);
        // timeout(1) starts the command in a process group of its own, and signals all of it.
        List<String> interrupter = List.of("timeout", "--preserve-status", "-s", "INT", "10");
        Nfv.Result result = Nfv.await(Nfv.command(interrupter, "run", chain.toString(), "--no-live"));
        assertEquals(List.of(), result.err());
        assertEquals(130, result.exitCode(), result::text);
        assertTrue(result.text().contains("every packet accounted for"), result::text);
    }
}
