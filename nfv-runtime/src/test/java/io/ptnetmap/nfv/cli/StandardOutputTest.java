// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of commands whose standard output is a full disk, or is read no longer. */
class StandardOutputTest {
    private static final String CHAIN = "chain: edge\nfunctions: [{type: trickle}, {type: checking-sink}]\n";
    private static final String FULL = "exec \"$@\" > /dev/full";
    /** The exit code of the command, not of what reads it. */
    private static final String FIRST_LINE = "{ \"$@\"; echo \"exit $?\" >&2; } | head -c 20";

    @TempDir
    static Path directory;

    private static NodeProcess node;

    @BeforeAll
    static void start() throws IOException {
        node = NodeProcess.start(directory.resolve("state"));
        Path chain = Files.writeString(directory.resolve("edge.yaml"), CHAIN);
        assertEquals(0, node.nfv("apply", "-f", chain.toString()).exitCode());
    }

    @AfterAll
    static void end() throws InterruptedException {
        node.end();
    }

    /** What a shell's line says on its standard error, with the exit code of the shell. */
    private static CommandOutcome shell(String script, List<String> command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(
                List.of("--node", node.address(), "--token-file", node.token().toString()));
        Process process = new ProcessBuilder(NodeProcess.line(List.of("sh", "-c", script, "sh"), arguments)).start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            throw new AssertionError("it still waits: " + command);
        }
        return new CommandOutcome(
                process.exitValue(),
                text(process.getInputStream().readAllBytes()),
                text(process.getErrorStream().readAllBytes()));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get chain edge -o yaml",
                "describe chain edge",
                "events",
                "events -f",
                "top -d 100ms",
                "trace edge",
                "tap edge/trickle..checking-sink"
            })
    void whatAFullDiskCannotTakeIsAFailure(String line) throws IOException, InterruptedException {
        CommandOutcome outcome = shell(FULL, List.of(line.split(" ")));
        assertEquals("nfv: standard output: No space left on device\n", outcome.err());
        assertEquals(ExitCodes.ENVIRONMENT, outcome.exitCode());
    }

    /** None of them would end by itself; where nothing is written, the reader's end is noticed all the same. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "events -f",
                "logs -f",
                "top -d 100ms",
                "trace edge",
                "trace edge -o json",
                "tap edge/trickle..checking-sink",
                "tap edge/trickle..checking-sink -s 64 icmp"
            })
    void whoIsReadNoLongerEndsQuietly(String line) throws IOException, InterruptedException {
        CommandOutcome outcome = shell(FIRST_LINE, List.of(line.split(" ")));
        assertEquals("exit 0\n", outcome.err());
        assertTrue(outcome.out().length() > 0, "something was read");
    }

    @Test
    void eventsThatAreFollowedBeginWithThoseThatThereAre() throws IOException, InterruptedException {
        CommandOutcome outcome = shell("\"$@\" | grep -m 1 chain-accepted", List.of("events", "-f"));
        assertTrue(outcome.out().contains("  edge  revision 1"), outcome::out);
        assertEquals("", outcome.err());
    }

    @Test
    void unitsCanBeReadWhereTheLocaleHasAsciiOnly() throws IOException, InterruptedException {
        CommandOutcome outcome = shell("LC_ALL=C exec \"$@\"", List.of("trace", "edge", "-n", "20"));
        assertTrue(outcome.out().contains(" µs\n"), outcome::out);
    }
}
