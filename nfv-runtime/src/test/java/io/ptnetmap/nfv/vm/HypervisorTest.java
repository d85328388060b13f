// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.JavaCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines under Debian's QEMU whose guest is a firmware that writes a line to the console and then waits. */
class HypervisorTest {
    private static final Path DEBIANS = Path.of("/usr/bin/qemu-system-x86_64");
    private static final GuestFiles NO_FILES = archive -> {};

    @TempDir
    Path home;

    @BeforeEach
    void needQemu() {
        assumeTrue(Files.isExecutable(DEBIANS), "no " + DEBIANS);
    }

    /** Debian's QEMU without a kernel, which the image here has not, and without NICs that it does not know. */
    private Hypervisor debians() throws IOException {
        return fake("""
                for argument; do
                    shift
                    case $argument in
                        -kernel|-initrd|-append) skip=1;;
                        *) [ "$skip" ] || set -- "$@" "$argument"; skip=;;
                    esac
                done
                exec %s "$@" -bios %s
                """.formatted(DEBIANS, home.resolve("firmware")));
    }

    private Hypervisor fake(String commands) throws IOException {
        Files.write(home.resolve("firmware"), firmware());
        return Hypervisor.open(FakeQemu.installation(home, commands), Accelerator.Choice.TCG);
    }

    /** Writes "booted", a line, to the first serial port and halts. */
    private static byte[] firmware() {
        byte[] firmware = new byte[0x10000];
        byte[] text = "booted\n".getBytes();
        int at = 0;
        firmware[at++] = (byte) 0xba; // mov dx, 0x3f8
        firmware[at++] = (byte) 0xf8;
        firmware[at++] = 0x03;
        for (byte letter : text) {
            firmware[at++] = (byte) 0xb0; // mov al, letter
            firmware[at++] = letter;
            firmware[at++] = (byte) 0xee; // out dx, al
        }
        firmware[at++] = (byte) 0xf4; // hlt
        firmware[at++] = (byte) 0xeb; // jmp to hlt
        firmware[at] = (byte) 0xfd;
        firmware[0xfff0] = (byte) 0xe9; // jmp to 0
        firmware[0xfff1] = 0x0d;
        return firmware;
    }

    private static MachineConfig config(Path directory) {
        return new MachineConfig("test", 64 << 20, 1, directory.resolve("host"), List.of());
    }

    @Test
    void aMachineRunsUntilItIsClosed() throws Exception {
        Path directory = Files.createDirectory(home.resolve("run"));
        LinkedBlockingQueue<String> console = new LinkedBlockingQueue<>();
        VirtualMachine machine = debians().start(config(directory), directory, NO_FILES);
        machine.followConsole(console::add);
        assertEquals("running", machine.status());
        assertTrue(machine.control().isConnected());
        assertEquals("booted", console.poll(20, TimeUnit.SECONDS));
        String words = String.join("\n", machine.lastWords());
        assertTrue(words.contains("console of 'test'") && words.contains("  booted"), words);
        machine.close();
        assertFalse(machine.isAlive());
        assertTrue(
                machine.lastWords().stream().anyMatch(line -> line.startsWith("SHUTDOWN")),
                machine.lastWords()::toString);
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(
                    List.of("vm-test.console", "vm-test.log"),
                    left.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void aQemuThatNoLongerAnswersIsKilled() throws Exception {
        VirtualMachine machine = debians().start(config(home), home, NO_FILES);
        new ProcessBuilder("kill", "-STOP", Long.toString(machine.pid()))
                .start()
                .waitFor();
        machine.close();
        assertFalse(machine.isAlive());
    }

    @Test
    void whatQemuSaysIsPassedOn() throws IOException {
        Hypervisor hypervisor = fake("echo 'qemu: -netdev netmap: port busy' >&2; exit 1");
        MachineException refusal =
                assertThrows(MachineException.class, () -> hypervisor.start(config(home), home, NO_FILES));
        assertEquals(
                "cannot start virtual machine 'test': QEMU has ended: qemu: -netdev netmap: port busy",
                refusal.getMessage());
    }

    /** Starts a machine, says its process id in a file, and waits to be killed. */
    public static final class Owner {
        private Owner() {}

        public static void main(String[] arguments) throws Exception {
            Path home = Path.of(arguments[0]);
            Hypervisor hypervisor =
                    Hypervisor.open(new Installation(home, home.resolve("qemu")), Accelerator.Choice.TCG);
            // On a thread that ends: it is the program whose end counts.
            Thread starter = new Thread(() -> {
                VirtualMachine machine = hypervisor.start(config(home), home, NO_FILES);
                try {
                    Files.writeString(home.resolve("machine.new"), Long.toString(machine.pid()));
                    Files.move(home.resolve("machine.new"), home.resolve("machine"));
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
            starter.start();
            Thread.sleep(Duration.ofMinutes(1));
        }
    }

    @Test
    void aMachineDiesWithItsOwner() throws Exception {
        debians();
        Process owner = new ProcessBuilder(JavaCommand.of(Owner.class, home.toString()))
                .inheritIO()
                .start();
        try {
            Path pid = home.resolve("machine");
            for (int i = 0; i < 1000 && !Files.exists(pid); i++) {
                Thread.sleep(20);
            }
            ProcessHandle machine =
                    ProcessHandle.of(Long.parseLong(Files.readString(pid))).orElseThrow();
            // The thread that has started the machine has ended by now.
            Thread.sleep(500);
            assertTrue(machine.isAlive());
            owner.destroyForcibly().waitFor();
            machine.onExit().get(10, TimeUnit.SECONDS);
        } finally {
            owner.destroyForcibly();
        }
    }
}
