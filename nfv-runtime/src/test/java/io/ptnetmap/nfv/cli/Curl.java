// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** curl(1), a client that knows nothing of nodes. */
final class Curl {
    private Curl() {}

    /**
     * What it has got.
     *
     * @param exitCode its own
     * @param status of HTTP, 0 without an answer
     */
    record Answer(int exitCode, int status, String body) {}

    /** Skips the test where a program is not installed. */
    static void need(String... programs) {
        for (String program : programs) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin", program)), program + " is not installed");
        }
    }

    /**
     * Runs it.
     *
     * @param starter a program that starts it in its own way
     */
    static Answer run(List<String> starter, String... arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(starter);
        line.addAll(List.of("curl", "-sS", "-m", "20", "-w", "\n%{http_code}"));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int end = said.lastIndexOf('\n');
        return new Answer(
                process.waitFor(), Integer.parseInt(said.substring(end + 1)), said.substring(0, Math.max(0, end)));
    }
}
