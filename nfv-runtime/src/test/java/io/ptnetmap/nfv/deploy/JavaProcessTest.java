// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JavaProcessTest {
    @TempDir
    private Path directory;

    /** Writes the arguments that it waits for to the file that it is told at once. */
    static final class Waiting {
        private Waiting() {}

        public static void main(String[] hints) throws IOException {
            String[] arguments = JavaProcess.arguments(System.in);
            if (arguments.length > 0) {
                Files.write(Path.of(hints[0]), List.of(arguments));
            }
        }
    }

    @AfterEach
    void dismiss() {
        JavaProcess.dismiss();
    }

    @Test
    void aPreparedProcessGetsItsArgumentsLater() throws Exception {
        Path file = directory.resolve("arguments");
        JavaProcess.expect();
        JavaProcess.prepare(Waiting.class, file.toString());
        Process process = JavaProcess.start(Waiting.class, List.of("one", "", "drei \u00fc"));
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        assertEquals(List.of("one", "", "drei \u00fc"), Files.readAllLines(file));
    }

    @Test
    void oneThatHasDiedIsReplaced() throws Exception {
        Path file = directory.resolve("arguments");
        JavaProcess.expect();
        JavaProcess.prepare(Waiting.class, file.toString());
        waiting().forEach(ProcessHandle::destroyForcibly);
        waiting().forEach(handle -> handle.onExit().join());
        Process process = JavaProcess.start(Waiting.class, List.of("one"));
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), "a new one, which has no arguments to wait for");
        assertTrue(Files.notExists(file));
    }

    @Test
    void nobodyStaysBehind() throws Exception {
        JavaProcess.expect();
        JavaProcess.prepare(Waiting.class, directory.resolve("arguments").toString());
        List<ProcessHandle> waiting = waiting();
        assertEquals(1, waiting.size());
        JavaProcess.dismiss();
        waiting.getFirst().onExit().get(30, TimeUnit.SECONDS);
        JavaProcess.prepare(Waiting.class, directory.resolve("arguments").toString());
        assertEquals(List.of(), waiting(), "none is prepared that nobody expects");
    }

    private static List<ProcessHandle> waiting() {
        return ProcessHandle.current()
                .children()
                .filter(child -> CommandLines.of(child).contains(Waiting.class.getName()))
                .toList();
    }

    @Test
    void argumentsMayBeEmptyAndNone() {
        assertArrayEquals(new String[] {"a", "", ""}, arguments("a\0\0\0"));
        assertArrayEquals(new String[0], arguments(""));
    }

    private static String[] arguments(String text) {
        return JavaProcess.arguments(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
