// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.bench.BenchCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code nfv bench peers} sets this function against DPDK's, and looks at every packet in the end. */
class SwapBenchTest {
    @Test
    void isMeasuredInALoop() {
        StringWriter said = new StringWriter();
        int status = new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(said, true))
                .setErr(new PrintWriter(said, true))
                .execute("peers", "--only=swap", "--rounds=1", "--packets=1000");
        assertEquals(0, status, said.toString());
        assertTrue(said.toString().contains("swap, up to transport, 256 packets in the loop"), said.toString());
    }
}
