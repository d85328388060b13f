// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** A thread that stands back, as the kernel sees it, and those beside it. */
class ThreadNiceTest {
    /** Of what {@code /proc/PID/stat} has behind the name, which is in brackets. */
    private static final int NICE = 16;

    private static int nice() throws IOException {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[NICE]);
    }

    private static FutureTask<Integer> started(FutureTask<Integer> task) {
        Thread.ofPlatform().start(task);
        return task;
    }

    @Test
    void onlyTheThreadAndThoseItStartsStandBack() throws Exception {
        int before = nice();
        FutureTask<Integer> child = new FutureTask<>(ThreadNiceTest::nice);
        FutureTask<Integer> yielding = started(new FutureTask<>(() -> {
            Linux.yieldToOthers(19);
            started(child);
            return nice();
        }));
        assertEquals(19, yielding.get());
        assertEquals(19, child.get());
        assertEquals(before, nice());
    }
}
