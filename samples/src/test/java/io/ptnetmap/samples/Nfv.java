// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.cli.Main;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The {@code nfv} command in a process of its own, as installed: without the classes of this module and its tests. */
final class Nfv {
    private static final long MOST_SECONDS = 180;
    private static final Path OWN_CLASSES = Path.of("target").toAbsolutePath();

    private Nfv() {}

    /**
     * What a command came to.
     *
     * @param out lines of its standard output
     * @param err lines of its standard error
     */
    record Result(int exitCode, List<String> out, List<String> err) {
        /** This result, which must be a success without complaints. */
        Result succeeded() {
            assertEquals(List.of(), err);
            assertEquals(0, exitCode, () -> String.join("\n", out));
            return this;
        }

        String text() {
            return String.join("\n", out);
        }
    }

    /** Runs {@code nfv} with these arguments. */
    static Result run(String... arguments) throws IOException, InterruptedException {
        return await(command(List.of(), arguments));
    }

    /** The command line of {@code nfv}, behind a program that starts it. */
    static ProcessBuilder command(List<String> starter, String... arguments) {
        List<String> command = new ArrayList<>(starter);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /** Starts {@code nfv host}; it serves when this returns. */
    static Process startHost(Path socket) throws IOException, InterruptedException {
        Process host = command(List.of(), "host", "--socket", socket.toString())
                .inheritIO()
                .start();
        for (int i = 0; !Files.exists(socket) && i < 300; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return host;
    }

    /** Starts a process and waits for its end. */
    static Result await(ProcessBuilder command) throws IOException, InterruptedException {
        return await(command, Duration.ofSeconds(MOST_SECONDS));
    }

    /** Starts a process and waits for its end, for a limited time. */
    static Result await(ProcessBuilder command, Duration limit) throws IOException, InterruptedException {
        Path out = Files.createTempFile("nfv", ".out");
        Path err = Files.createTempFile("nfv", ".err");
        try {
            Process process = command.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            int code = process.waitFor();
            return new Result(code, Files.readAllLines(out), Files.readAllLines(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** The class path of these tests without this module. */
    static String classPath() {
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).toAbsolutePath().startsWith(OWN_CLASSES))
                .collect(Collectors.joining(File.pathSeparator));
        assertTrue(classPath.contains("nfv-runtime"), classPath);
        return classPath;
    }
}
