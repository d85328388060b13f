// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.tools.Bridge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ToolCommandsTest {
    private static Bridge.Settings bridge(String... arguments) {
        BridgeCommand command = new BridgeCommand();
        new CommandLine(command).parseArgs(arguments);
        return command.settings();
    }

    @Test
    void aBridgeTakesItsPortsInBothForms() {
        assertEquals(bridge("-i", "eth0", "-i", "x{1", "-b", "64"), bridge("eth0", "netmap:x{1", "64"));
        assertEquals(new Bridge.Settings("netmap:eth0", "netmap:eth0^", 1024, 4, false, false), bridge("eth0"));
        assertEquals(bridge("eth0"), bridge("eth0", "eth0"));
        assertEquals(new Bridge.Settings("netmap:x{1", "", 1024, 0, true, false), bridge("x{1", "-L", "-c"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bridge|which ports? Give two, by -i A -i B",
                "bridge -i a -i b -i c|a bridge has two ports, not 3",
                "bridge a b many|'many' is no number of packets",
                "bridge -i a b|not both",
                "bridge x{1|netmap:x{1 has no host rings to be joined with: give a second port, or -L",
                "bridge a b -L|-L is for one port",
                "bridge a b -b 0|-b takes 1 to 8192 packets, not 0",
                "bridge a b -w 101|-w takes 0 to 100 seconds, not 101",
                "lb|Missing required option: '--port=PORT'",
                "lb -i x}1 -p many|-p takes [NAME:]N, such as 4 or web:4, not 'many'",
                "lb -i x}1 -p 0|-p takes 1 to 64 pipes, not 0",
                "lb -i x}1 -p a:1 -p a:1|two groups are named a",
                "lb -i x}1 -B -1|-B takes a number of buffers",
                "lb -i x}1 -b 0|-b takes 1 to 8192 packets, not 0",
                "nmreplay -i x{1|Missing required option: '--file=FILE'",
                "nmreplay -f a -i x{1 -b 0|-b takes 1 to 8192 packets, not 0",
                "nmreplay -f a -i x{1 -L 2|a probability is 0 to 1"
            })
    void badLinesAreExplained(String line, String expected) {
        CommandOutcome outcome = CommandOutcome.of(line.split(" "));
        assertEquals(ExitCodes.USAGE, outcome.exitCode(), outcome::err);
        assertTrue(outcome.err().contains(expected), outcome::err);
    }

    @Test
    void aMissingFileIsTheEnvironments() {
        CommandOutcome outcome = CommandOutcome.of("nmreplay", "-f", "/none/a.pcap", "-i", "null");
        assertEquals(ExitCodes.ENVIRONMENT, outcome.exitCode());
        assertEquals("nfv: /none/a.pcap: cannot be opened: no such file or directory\n", outcome.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pkt-gen", "bridge", "lb", "nmreplay"})
    void theHelpFitsATerminal(String command) {
        CommandOutcome.of(command, "--help").out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
    }
}
