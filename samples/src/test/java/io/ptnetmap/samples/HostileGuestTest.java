// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest that writes a million random values to all that passthrough gives it, while the host's own functions work on the
 * other ends of its pipes: nobody on the host crashes or hangs, and the next guest is served.
 */
@Tag("vm")
class HostileGuestTest {
    private static final int MUTATIONS = 1_000_000;
    private static final List<String> PORTS = List.of("netmap:in}1", "netmap:out{1");
    private static final String SOURCE = """
            chain: source
            functions:
              - {type: generator, config: {flows: 100}}
              - port: "netmap:in{1"
            """;
    private static final String SINK = """
            chain: sink
            functions:
              - port: "netmap:out}1"
              - type: sink
            """;

    @TempDir
    Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aMillionMutationsHarmNobodyOnTheHost() throws Exception {
        Guest.hypervisor();
        Tools.need("gcc");
        Path socket = directory.resolve("host.sock");
        Process host = Nfv.startHost(socket);
        processes.add(host);
        Process sink = startChain("sink", SINK, socket);
        Process source = startChain("source", SOURCE, socket);
        Path hostile = GuestPrograms.hostile(directory);
        try (Guest guest = Guest.boot(directory, socket, PORTS, List.of(hostile))) {
            // Its own drivers out of the way: they would only be harmed, too.
            guest.run("rmmod e1000; rmmod netmap");
            for (int seed = 1; seed <= 4; seed++) {
                String said = guest.expect(0, Guest.PROGRAMS + "hostile-guest " + MUTATIONS / 4 + " " + seed, 300);
                assertTrue(said.contains(MUTATIONS / 4 + " mutations on 2 NICs"), said);
                assertEquals("running", guest.machine().status());
                assertAlive(host, "the host");
                assertAlive(source, "the generator's process");
                assertAlive(sink, "the sink's process");
            }
        }
        end(source);
        end(sink);
        assertAlive(host, "the host");
        Process nextSink = startChain("sink", SINK, socket);
        Path frames = GuestPrograms.frames(directory);
        try (Guest guest = Guest.boot(directory, socket, PORTS, List.of(frames))) {
            guest.run("ip link set eth1 up");
            guest.run(Guest.PROGRAMS + "frames send eth1 100000");
        }
        end(nextSink);
    }

    private Process startChain(String name, String chain, Path socket) throws Exception {
        Path file = Files.writeString(directory.resolve(name + ".yaml"), chain);
        ProcessBuilder builder = Nfv.command(List.of(), "run", file.toString(), "--no-live");
        builder.environment().put("PTNETMAP_HOST", socket.toString());
        return start(builder);
    }

    private Process start(ProcessBuilder builder) throws Exception {
        Process process = builder.inheritIO().start();
        processes.add(process);
        return process;
    }

    private static void assertAlive(Process process, String name) {
        assertTrue(process.isAlive(), () -> name + " has ended with status " + process.exitValue());
    }

    /** A process that is asked to end does so. */
    private static void end(Process process) throws InterruptedException {
        Tools.run("kill", "-INT", Long.toString(process.pid()));
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "does not end on SIGINT");
    }
}
