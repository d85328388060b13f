// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private static final String NEW_TERMINAL = "/dev/ptmx";

    @Test
    void aTerminalIsToldFromAFile() {
        int file = Linux.memfdCreate("file", 0);
        assertFalse(Terminal.is(file));
        assertFalse(Terminal.redraws(file));
        Linux.close(file);
        assertFalse(Terminal.is(file), "a descriptor of nothing");
        assumeTrue(Files.exists(Path.of(NEW_TERMINAL)), "no " + NEW_TERMINAL);
        int terminal = Linux.open(NEW_TERMINAL, Linux.O_RDWR);
        assertTrue(Terminal.is(terminal));
        Linux.close(terminal);
    }
}
