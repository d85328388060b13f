// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probe with programs that behave as QEMU does where KVM works, does not, or hangs. */
class KvmProbeTest {
    private static final Path DEBIANS = Path.of("/usr/bin/qemu-system-x86_64");

    @TempDir
    Path home;

    private Path device;
    private Path runs;

    @BeforeEach
    void makeDevice() throws IOException {
        device = Files.createFile(home.resolve("kvm"));
        runs = home.resolve("runs");
    }

    private KvmProbe probe(String commands) throws IOException {
        return new KvmProbe(
                FakeQemu.installation(home, "echo run >>" + runs + "\n" + commands), device, Duration.ofMillis(500));
    }

    private int runs() throws IOException {
        return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
    }

    @Test
    void itWorksWhereAMachineEndsByItself() throws IOException {
        assertEquals(Optional.empty(), probe("exit 0").obstacle());
    }

    @Test
    void itDoesNotWhereQemuFails() throws IOException {
        assertEquals(
                Optional.of(KvmProbe.Obstacle.BROKEN),
                probe("echo 'failed to initialize kvm'; exit 1").obstacle());
    }

    @Test
    void aMachineThatHangsIsKilledInTime() throws IOException {
        long start = System.nanoTime();
        assertEquals(
                Optional.of(KvmProbe.Obstacle.BROKEN),
                probe("trap '' TERM INT; echo $$ >" + home + "/pid; while :; do sleep 60; done")
                        .obstacle());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
        long pid = Long.parseLong(Files.readString(home.resolve("pid")).strip());
        assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty(), "left behind");
    }

    @Test
    void theAnswerIsRememberedForThisQemu() throws IOException {
        probe("exit 1").obstacle();
        assertEquals(Optional.of(KvmProbe.Obstacle.BROKEN), probe("exit 1").obstacle());
        int asked = runs();
        assertEquals(Optional.empty(), probe("exit 0 # of another length").obstacle());
        assertEquals(asked + 1, runs());
        assertEquals(Optional.empty(), probe("exit 0 # of another length").obstacle());
    }

    @Test
    void anAnswerOfAnotherBootIsForgotten() throws IOException {
        KvmProbe probe = probe("exit 0");
        FileTime time = Files.getLastModifiedTime(home.resolve("qemu"));
        probe.obstacle();
        Path note = home.resolve("kvm-works");
        assertEquals(1, runs());
        probe.obstacle();
        assertEquals(1, runs());
        List<String> lines = Files.readAllLines(note);
        Files.write(note, List.of("0" + lines.getFirst(), "no"));
        Files.setLastModifiedTime(home.resolve("qemu"), time);
        assertEquals(Optional.empty(), probe.obstacle());
        assertEquals(2, runs());
    }

    @Test
    void withoutTheDeviceNothingIsTried() throws IOException {
        Files.delete(device);
        assertEquals(Optional.of(KvmProbe.Obstacle.ABSENT), probe("exit 0").obstacle());
        assertEquals(0, runs());
    }

    @Test
    void theMachineEndsByItselfOnAProcessorThatWorks() throws Exception {
        assumeTrue(Files.isExecutable(DEBIANS), "no " + DEBIANS);
        Path firmware = Files.write(home.resolve("firmware"), KvmProbe.firmware());
        KvmProbe probe = new KvmProbe(new Installation(home, DEBIANS), device, Duration.ofSeconds(1));
        Process process = Leash.start(probe.command("tcg", firmware), home.resolve("output"));
        assertTrue(process.waitFor(20, TimeUnit.SECONDS), "does not end");
        assertEquals(
                0,
                process.exitValue(),
                () -> MachineFiles.tail(home.resolve("output"), 5).toString());
    }
}
