// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValeCommandTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private EmbeddedHost host;
    private Path socket;

    @BeforeEach
    void serve() {
        host = EmbeddedHost.create();
        socket = host.serve(directory.resolve("host.sock")).path();
    }

    @AfterEach
    void end() {
        host.close();
    }

    private int vale(String... arguments) {
        List<String> line = new ArrayList<>(List.of("vale"));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--socket", socket.toString()));
        return new Main((chain, options) -> {
                    throw new AssertionError("runs no chain");
                })
                .commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(line.toArray(String[]::new));
    }

    private String said() {
        String text = out.toString();
        out.getBuffer().setLength(0);
        return text;
    }

    @Test
    void aPersistentPortFromItsMakingToItsEnd() {
        assertEquals(0, vale("list"));
        assertEquals("no switch has a port\n", said());
        assertEquals(0, vale("newif", "v0", "-C", "64,32,2"));
        assertEquals("v0 gets a region of its own when it is opened\n", said());
        NetmapPort other = Netmap.over(host).openPort("vale3:other");
        assertEquals(0, vale("attach", "vale3:v0"));
        assertEquals("vale3:v0 has number 1\n", said());
        byte[] frame = new byte[60];
        frame[0] = -1;
        other.txRing(0).inject(MemorySegment.ofArray(frame));
        other.txRing(0).inject(MemorySegment.ofArray(new byte[9]));
        other.sync();
        assertEquals(0, vale("list"));
        assertEquals("""
                port         switch  number  sent  copies  received  dropped
                vale3:other       0       0     2       1         0        1
                vale3:v0          0       1     0       0         0        1

                dropped at   because                           packets
                vale3:other  shorter than an Ethernet header         1
                vale3:v0     nobody has the receive ring open        1
                """, said());
        NetmapPort v0 = Netmap.over(host).openPort("vale3:v0");
        assertEquals(
                List.of(2, 64, 32),
                List.of(v0.txRings().size(), v0.txRing(0).slots(), v0.rxRing(0).slots()));
        v0.close();
        assertEquals(0, vale("detach", "vale3:v0"));
        assertEquals("vale3:v0 had number 1\n", said());
        assertEquals(0, vale("list"));
        assertTrue(said().contains("\nv0                -       -     0"));
        assertEquals(0, vale("delif", "v0"));
        assertEquals("v0 is gone\n", said());
        assertEquals("", err.toString());
    }

    @Test
    void regionsAreNamedByNumberOrPort() {
        int region = host.createRegion(RegionConfig.DEFAULT.withBuffers(4000, 2048));
        Netmap.over(host).openPort("netmap:x{1@" + region);
        assertEquals(0, vale("newif", "v0", "-m", String.valueOf(region)));
        assertEquals(0, vale("newif", "v1", "-m", "netmap:x{1"));
        assertEquals("v0 is in region 2\nv1 is in region 2\n", said());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "detach | vale0:x    |        | 4 | no such port",
                "delif  | x          |        | 4 | no persistent port",
                "attach | vale0:none | -h     | 4 | no such interface",
                "attach | lo         |        | 4 | SWITCH:PORT",
                "newif  | vale0      |        | 4 | does not begin with vale",
                "newif  | v          | -m=9   | 4 | no region 9",
                "newif  | v          | -m=a*b | 2 | -m a*b",
                "newif  | v          | -C=1,2,3,4,5 | 2 | four numbers",
                "nosuch | v          |        | 2 | nosuch",
            })
    void refusalsSayWhy(String command, String name, String option, int status, String part) {
        assertEquals(status, option == null ? vale(command, name) : vale(command, name, option));
        assertTrue(err.toString().contains(part), err.toString());
        assertEquals(
                1,
                err.toString().lines().filter(line -> line.startsWith("nfv: ")).count());
    }
}
