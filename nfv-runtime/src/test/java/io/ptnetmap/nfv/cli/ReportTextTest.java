// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.node.model.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTextTest {
    /** Of a report as a node tells it. */
    private static String text(String json) {
        Map<?, ?> report = Json.read(json, Map.class);
        return String.join("\n", ReportText.lines(report)) + "\n";
    }

    @Test
    void singleValuesComeFirstAndNumbersStandToTheRight() {
        assertEquals("""
                packets     1,234,567
                share           0.333
                generators          -
                zero-copy
                  in-place  1,234,567
                  copied            0
                """, text("""
                {"packets": 1234567, "zero-copy": {"in-place": 1234567, "copied": 0}, "share": 0.33333, "generators": {}}"""));
        assertEquals("""
                file     out.pcap
                packets  12,345
                """, text("""
                {"file": "out.pcap", "packets": 12345}"""));
    }

    @Test
    void recordsAreATable() {
        assertEquals("""
                flows  2
                protocols  packets   bytes
                udp         12,345  98,765
                tcp              1      60
                top-talkers
                  protocol  source        source-port  packets  state
                  17        198.18.0.1          49152    1,000
                  6         198.18.0.100            7        9  new
                """, text("""
                {"protocols": {"udp": {"packets": 12345, "bytes": 98765}, "tcp": {"packets": 1, "bytes": 60}},
                 "flows": 2,
                 "top-talkers": [{"protocol": 17, "source": "198.18.0.1", "source-port": 49152, "packets": 1000},
                                 {"protocol": 6, "source": "198.18.0.100", "source-port": 7, "packets": 9, "state": "new"}]}"""));
    }

    @Test
    void whatIsNoTableIsIndented() {
        assertEquals("""
                names
                  - one
                  - 2,000
                  - left   true
                    right  -
                  - - a
                tree
                  leaf  x
                  branch
                    deeper
                      - y
                """, text("""
                {"names": ["one", 2000, {"left": true, "right": null}, ["a"]],
                 "tree": {"branch": {"deeper": ["y"]}, "leaf": "x"}}"""));
    }

    @Test
    void whatFunctionsSayTellsTheTerminalNothing() {
        assertEquals("a ?  b ?[2J c\n", text("""
                {"a \\u0007": "b \\u001b[2J\\nc"}"""));
    }
}
