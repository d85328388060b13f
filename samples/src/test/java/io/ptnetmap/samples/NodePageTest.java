// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/node.md has people paste, pasted. */
class NodePageTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```bash\n(.*?)^```");

    @TempDir
    Path directory;

    @Test
    void theQuickStartWorksLineByLine() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs curl");
        InstalledNfv.into(directory);
        String page = Files.readString(Path.of("../docs/node.md"));
        String commands =
                BLOCK.matcher(page).results().map(block -> block.group(1)).collect(Collectors.joining());
        Path script = Files.writeString(
                directory.resolve("page.sh"), "set -euo pipefail\n" + commands.replace("8470", freePort()));
        Nfv.Result result = Nfv.await(new ProcessBuilder("bash", script.toString()).directory(directory.toFile()));
        assertEquals(0, result.exitCode(), () -> result.text() + "\n" + String.join("\n", result.err()));
        String out = result.text();
        assertTrue(out.contains("\"action\":\"apply\""), out);
        assertTrue(out.contains("\"action\":\"configure\""), out);
        assertTrue(out.contains("\"live\":true"), out);
        assertTrue(out.contains("\"lost\":0"), out);
        assertTrue(out.contains("{\"default\":\"accept\""), out);
        assertTrue(out.contains("event: chain-state"), out);
        assertTrue(out.contains("\"action\":\"delete\""), out);
        assertTrue(out.contains("\"taken\":{\"bindings\":64,\"sessions\":64}"), out);
        assertTrue(out.contains("event: state-restored"), out);
    }

    static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return String.valueOf(socket.getLocalPort());
        }
    }
}
