// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of its own that runs a main class of the tests. */
public final class ChildJvm implements AutoCloseable {
    private final Process process;
    private final Path output;

    private ChildJvm(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** Starts a class; its output goes to a file in {@code directory}. */
    public static ChildJvm start(Path directory, Class<?> main, String... arguments) {
        List<String> command = command(List.of("-Xshare:auto", "-XX:+UseSerialGC", "-Xmx64m"), main, arguments);
        try {
            Path output = Files.createTempFile(directory, main.getSimpleName(), ".out");
            return new ChildJvm(
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start(),
                    output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The command line that runs a class, with more options for the JVM. */
    public static List<String> command(List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** The process's number. */
    public long pid() {
        return process.pid();
    }

    /** Fails if it has ended, with what it said. */
    public void requireAlive() {
        if (!process.isAlive()) {
            throw new AssertionError("ended with " + process.exitValue() + ": " + output());
        }
    }

    /** Waits for its end, which must be a good one. */
    public void requireSuccess() throws InterruptedException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new AssertionError("still runs: " + output());
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("ended with " + process.exitValue() + ": " + output());
        }
    }

    /** SIGKILL, and waits until it is dead. */
    public void kill() throws InterruptedException {
        requireAlive();
        process.destroyForcibly().waitFor();
    }

    private String output() {
        try {
            return Files.readString(output);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
