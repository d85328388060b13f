// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Programs that judge what the functions do. */
final class Tools {
    private static final List<String> DIRECTORIES = List.of("/usr/local/sbin", "/usr/sbin", "/sbin");

    private Tools() {}

    /** Skips the test where a tool is not installed. */
    static void need(String... tools) {
        for (String tool : tools) {
            boolean found = Arrays.stream((System.getenv("PATH") + ":" + String.join(":", DIRECTORIES)).split(":"))
                    .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
            assumeTrue(found, tool + " is not installed");
        }
    }

    /** Skips the test unless it runs as root. */
    static void needRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root, for network namespaces");
    }

    /** Runs a program that must succeed; what it prints on its standard output, by lines. */
    static List<String> run(String... command) {
        try {
            Path errors = Files.createTempFile("stderr", ".txt");
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            List<String> lines = process.inputReader().readAllLines();
            int code = process.waitFor();
            String said = Files.readString(errors);
            Files.delete(errors);
            assertEquals(0, code, () -> String.join(" ", command) + ": " + said);
            return lines;
        } catch (IOException e) {
            throw new AssertionError("cannot run " + command[0], e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
