// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.JavaCommand;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nfv top} on a pseudo terminal, which script(1) makes. */
class TopOnTerminalTest {
    private static final String ENTER = "\u001b[?1049h";
    private static final String LEAVE = "\u001b[?1049l";
    private static final String RIGHT = "\u001b[C";
    private static final char INTERRUPT = 3;
    private static final long MOST_MILLIS = 60_000;

    @TempDir
    Path directory;

    private NodeProcess node;
    private Path seen;
    private Path chain;

    @BeforeEach
    void startANode() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script(1) of bsdutils makes the terminal");
        node = NodeProcess.start(directory.resolve("state"));
        seen = directory.resolve("seen");
        chain = Files.writeString(
                directory.resolve("c.yaml"),
                "chain: c\nfunctions:\n  - {type: trickle}\n  - {type: gate, config: {open: true, label: {}}}\n  - type: checking-sink\n");
    }

    private void apply() {
        assertEquals(0, node.nfv("apply", "-f", chain.toString()).exitCode());
    }

    @AfterEach
    void end() throws InterruptedException {
        if (node != null) {
            node.end();
        }
    }

    /** On a terminal of its own, which it ends on with its exit code and the terminal's settings. */
    private Process top(String first) throws IOException {
        String top = String.join(
                " ",
                JavaCommand.of(
                        Main.class,
                        "top",
                        "--interval",
                        "100ms",
                        "--node",
                        node.address(),
                        "--token-file",
                        node.token().toString()));
        ProcessBuilder script =
                new ProcessBuilder("script", "-qfec", first + "; " + top + "; echo ended $?; stty -a", seen.toString());
        script.environment().put("TERM", "xterm");
        return script.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    private String screen() throws IOException {
        return Files.exists(seen) ? Files.readString(seen, StandardCharsets.UTF_8) : "";
    }

    private void await(String text) throws IOException, InterruptedException {
        await(text, 0);
    }

    /** Waits for what is to come after so much of the screen. */
    private void await(String text, int from) throws IOException, InterruptedException {
        long end = System.currentTimeMillis() + MOST_MILLIS;
        while (screen().indexOf(text, from) < 0) {
            assertTrue(System.currentTimeMillis() < end, () -> "never came: " + text);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Test
    void keysAreObeyedAndTheTerminalIsLeftAsItWas() throws Exception {
        apply();
        Process process = top("stty cols 60 rows 8");
        try (Writer keys = process.outputWriter()) {
            await("order (chain)");
            // The last line has to fit.
            await("space: pause  q:~");
            await("CHAINv ");
            keys.write(RIGHT);
            keys.flush();
            await("order (name)");
            await("c/checking-sink ");
            quit(keys, process);
        } finally {
            process.destroyForcibly();
        }
        assertLeftAsItWas();
    }

    private void quit(Writer keys, Process process) throws IOException, InterruptedException {
        keys.write("q");
        keys.flush();
        await("ended 0");
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    }

    private void assertLeftAsItWas() throws IOException {
        String screen = screen();
        assertTrue(screen.indexOf(ENTER) >= 0 && screen.indexOf(LEAVE) > screen.indexOf(ENTER), screen);
        String after = screen.substring(screen.indexOf("ended "));
        assertTrue(after.matches("(?s).*[ ;\r\n]icanon.*[ ;]echo .*"), after);
    }

    @Test
    void whatIsNotThereAnyMoreIsSaidAndComesBack() throws Exception {
        apply();
        Process process = top("stty cols 130 rows 20");
        try (Writer keys = process.outputWriter()) {
            await("1 chain ");
            assertEquals(0, node.nfv("delete", "c").exitCode());
            await("no chains any more; nfv apply -f FILE creates one");
            await("0 chains");
            int port = node.port();
            node.kill();
            await("no node answers at " + node.address() + ": ");
            int gone = screen().length();
            node = NodeProcess.start(List.of(), directory.resolve("state"), "--listen", "127.0.0.1:" + port);
            await("no chains any more", gone);
            apply();
            await("  checking-sink ", gone);
            node.kill();
            await("no answer for ");
            quit(keys, process);
        } finally {
            process.destroyForcibly();
        }
        assertLeftAsItWas();
    }

    @Test
    void chainsThatComeAndTheTerminalsSizeAreFollowedUntilAnInterrupt() throws Exception {
        Path name = directory.resolve("tty");
        // The shell outlives the interrupt, to tell of the end.
        Process process = top("trap : INT; tty >" + name + "; stty cols 80 rows 24");
        try (Writer keys = process.outputWriter()) {
            await("no chains so far");
            // Of no chains there is no news; long enough for it to be said otherwise.
            TimeUnit.MILLISECONDS.sleep(1000);
            keys.write(RIGHT);
            keys.flush();
            await("order (name)");
            String empty = screen();
            assertFalse(empty.contains("no news"), empty);
            apply();
            await("c/checking-sink ");
            String narrow = screen();
            assertFalse(narrow.contains("PACKETS"), narrow);
            String terminal = Files.readString(name).strip();
            assertEquals(
                    0,
                    new ProcessBuilder("stty", "-F", terminal, "cols", "200", "rows", "50")
                            .start()
                            .waitFor());
            await("PACKETS");
            keys.write(INTERRUPT);
            keys.flush();
            await("ended 130");
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        } finally {
            process.destroyForcibly();
        }
        assertLeftAsItWas();
        String screen = screen();
        assertFalse(screen.substring(screen.lastIndexOf(LEAVE)).contains("nfv top"), screen);
    }
}
