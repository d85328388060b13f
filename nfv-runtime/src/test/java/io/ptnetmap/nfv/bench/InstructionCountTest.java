// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.host.EmbeddedHost;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the protocol of pipes costs at least: instructions per packet of the C program, which valgrind counts. Unlike times they are
 * the same on every machine, and do not depend on what else runs there.
 */
class InstructionCountTest {
    private static final int SLOTS = 1024;
    private static final int BATCH = 64;
    private static final int FEW = BATCH;
    private static final int MANY = 15 * BATCH;
    /** With gcc 12 it is 25 for a packet sent and 27 for one received. */
    private static final double MOST = 32;

    private static final Pattern COLLECTED = Pattern.compile("Collected : (\\d+)");

    @TempDir
    private Path directory;

    private Path program;

    @BeforeEach
    void compile() throws Exception {
        assumeTrue(hasTool("gcc") && hasTool("valgrind"), "needs gcc and valgrind");
        Path source = directory.resolve("pipe.c");
        program = directory.resolve("pipe");
        try (InputStream resource = CTwin.class.getResourceAsStream("pipe.c")) {
            Files.copy(resource, source);
        }
        // Not for this machine's processor, so that the count is everybody's.
        Process gcc = new ProcessBuilder("gcc", "-O3", "-o", program.toString(), source.toString())
                .inheritIO()
                .start();
        assertTrue(gcc.waitFor() == 0, "gcc");
    }

    private static boolean hasTool(String name) {
        return List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path, name)));
    }

    @Test
    void aPacketTakesFewInstructionsOnEitherSide() throws IOException {
        double[] slots = perPacket(0);
        assertTrue(slots[0] > 1 && slots[0] < MOST, () -> "instructions per packet sent: " + slots[0]);
        assertTrue(slots[1] > 1 && slots[1] < MOST, () -> "instructions per packet received: " + slots[1]);

        double[] touched = perPacket(8);
        assertTrue(touched[0] >= slots[0] + 1, () -> "a packet that is written, too: " + touched[0]);
        assertTrue(touched[1] >= slots[1] + 1, () -> "a packet that is read, too: " + touched[1]);
    }

    /** Instructions of sender and receiver for one packet more. */
    private double[] perPacket(int payload) throws IOException {
        long[] few = count("few" + payload, FEW, payload);
        long[] many = count("many" + payload, MANY, payload);
        return new double[] {(double) (many[0] - few[0]) / (MANY - FEW), (double) (many[1] - few[1]) / (MANY - FEW)};
    }

    /** Instructions of a sender whose packets all fit the ring, and of the receiver that then reads them: neither waits. */
    private long[] count(String pipe, int packets, int payload) throws IOException {
        Path socket = directory.resolve(pipe + ".sock");
        try (EmbeddedHost host = EmbeddedHost.create()) {
            host.serve(socket);
            Path sent = directory.resolve(pipe + ".sent");
            Path received = directory.resolve(pipe + ".received");
            try (BenchProcess receiver = start(received, socket, "count}" + pipe, PipeWorker.RECEIVER);
                    BenchProcess sender = start(sent, socket, "count{" + pipe, PipeWorker.SENDER)) {
                for (BenchProcess process : List.of(sender, receiver)) {
                    process.send("go " + packets + " " + BATCH + " " + payload);
                    process.answer();
                }
            }
            return new long[] {collected(sent), collected(received)};
        }
    }

    private BenchProcess start(Path log, Path socket, String port, String role) {
        List<String> counted = new ArrayList<>(List.of(
                "valgrind",
                "--tool=callgrind",
                "--callgrind-out-file=/dev/null",
                "--log-file=" + log,
                program.toString()));
        return BenchProcess.start("counted " + role, PipePairs.command(counted, socket, port, SLOTS, role, 0));
    }

    private static long collected(Path log) throws IOException {
        Matcher found = COLLECTED.matcher(Files.readString(log));
        assertTrue(found.find(), () -> "no count in " + log);
        return Long.parseLong(found.group(1));
    }
}
