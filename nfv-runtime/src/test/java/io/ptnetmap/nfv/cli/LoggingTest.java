// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.LoggingEvent;
import io.ptnetmap.nfv.node.model.LogLine;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private static final String FAKE =
            "no chain is named 'x\n12:00:00.000 ERROR [main] Node: all is lost\u001b[2J\u009b31m\r'";

    @Test
    void whatStrangersWriteIsNoLineOfTheLog() {
        Logger logger = (Logger) LoggerFactory.getLogger("io.ptnetmap.Any");
        String printed =
                new Logging.Line().doLayout(new LoggingEvent("any", logger, Level.WARN, FAKE, null, new Object[0]));
        assertEquals(2, printed.lines().count(), printed);
        assertTrue(printed.lines().toList().get(1).startsWith("    12:00"), printed);
        assertFalse(printed.contains("\u001b") || printed.contains("\u009b") || printed.contains("\r"), printed);
    }

    @Test
    void norDoesItTellATerminalAnything() {
        String line = EventText.line(new LogLine(Instant.EPOCH, "WARN", "io.ptnetmap.Any", Optional.empty(), FAKE));
        assertEquals(2, line.lines().count(), line);
        assertFalse(line.contains("\u001b") || line.contains("\u009b"), line);
    }
}
