// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.ptnetmap.nfv.vm.Accelerator;
import io.ptnetmap.nfv.vm.CpioArchive;
import io.ptnetmap.nfv.vm.Hypervisor;
import io.ptnetmap.nfv.vm.Installation;
import io.ptnetmap.nfv.vm.MachineConfig;
import io.ptnetmap.nfv.vm.MachineException;
import io.ptnetmap.nfv.vm.VirtualMachine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A virtual machine of the guest image with a shell that takes commands through its control port. For one thread. */
final class Guest implements AutoCloseable {
    /** In the guest: the programs that are brought along. */
    static final String PROGRAMS = "/part/bin/";

    static final String JAVA = "/opt/ptnetmap/jre/bin/java --enable-native-access=ALL-UNNAMED"
            + " --sun-misc-unsafe-memory-access=allow -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
            + " -cp '/opt/ptnetmap/lib/*:/part/jars/*:/part/classes'";

    private static final int BOOT_SECONDS = 120;
    private static final long MEMORY = 512L << 20;

    /** Answers each line with "STATUS BYTES", a line feed, and that many bytes of output. */
    private static final String SHELL = """
            #!/bin/sh
            exec 3<>/dev/virtio-ports/io.ptnetmap.control
            printf 'ready\\n' >&3
            while read -r line <&3; do
                (eval "$line") </dev/null >/tmp/output 2>&1 3>&-
                status=$?
                printf '%s %s\\n' "$status" "$(wc -c </tmp/output)" >&3
                cat /tmp/output >&3
            done
            """;

    private final VirtualMachine machine;
    private final InputStream answers;
    private final String frameworkOptions;
    /** The last command, until it has been answered. */
    private Optional<String> unanswered = Optional.empty();

    /**
     * What a command came to.
     *
     * @param output standard output and errors
     */
    record Result(int status, String output) {}

    private Guest(VirtualMachine machine, List<String> javaOptions) {
        this.machine = machine;
        this.frameworkOptions = " " + String.join(" ", javaOptions) + " ";
        this.answers = Channels.newInputStream(machine.control());
    }

    /**
     * Boots a machine.
     *
     * @param host socket of the embedded host
     * @param ports of that host, which become eth0, eth1 ...
     * @param programs files of this machine for the guest's {@link #PROGRAMS}
     */
    static Guest boot(Path directory, Path host, List<String> ports, List<Path> programs) {
        return boot(directory, host, ports, programs, List.of());
    }

    /** @param classPath jars and trees of classes for {@link #JAVA} */
    static Guest boot(Path directory, Path host, List<String> ports, List<Path> programs, List<Path> classPath) {
        return boot("test", directory, host, ports, programs, classPath);
    }

    /** @param name by which several machines in one directory, and the addresses of their NICs, are told apart */
    static Guest boot(
            String name, Path directory, Path host, List<String> ports, List<Path> programs, List<Path> classPath) {
        MachineConfig config = new MachineConfig(name, MEMORY, 1, host, ports);
        Hypervisor hypervisor = hypervisor();
        VirtualMachine machine = hypervisor.start(config, directory, archive -> {
            archive.program("part/run", SHELL.getBytes(StandardCharsets.UTF_8));
            for (Path program : programs) {
                archive.program("part/bin/" + program.getFileName(), program);
            }
            for (Path entry : classPath) {
                addClasses(archive, entry);
            }
        });
        Guest guest = new Guest(machine, hypervisor.javaOptions());
        try {
            assertEquals("ready", guest.answer(guest::line, BOOT_SECONDS));
            return guest;
        } catch (RuntimeException | Error failure) {
            guest.close();
            throw failure;
        }
    }

    private static void addClasses(CpioArchive archive, Path entry) throws IOException {
        if (!Files.isDirectory(entry)) {
            archive.file("part/jars/" + entry.getFileName(), entry);
            return;
        }
        try (Stream<Path> files = Files.walk(entry)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                archive.file("part/classes/" + entry.relativize(file), file);
            }
        }
    }

    /** Skips the test where there is no QEMU or image of ours. */
    static Hypervisor hypervisor() {
        try {
            return Hypervisor.open(Installation.ofThisUser(), Accelerator.Choice.ofThisUser());
        } catch (MachineException missing) {
            Assumptions.abort(missing.getMessage());
            throw missing;
        }
    }

    VirtualMachine machine() {
        return machine;
    }

    /** Options, for {@link #JAVA}, with which the image starts the framework faster. */
    String frameworkOptions() {
        return frameworkOptions;
    }

    /** Runs a command line, which must be one line, and waits for its end. If that does not come, there is no other. */
    Result run(String command, int seconds) {
        assertTrue(command.indexOf('\n') < 0, command);
        unanswered.ifPresent(earlier -> fail("the guest is still at: " + earlier));
        unanswered = Optional.of(command);
        try {
            machine.control().write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (IOException gone) {
            throw new AssertionError("the guest is gone: " + machine.lastWords(), gone);
        }
        Result result = answer(
                () -> {
                    String[] header = line().split(" ");
                    byte[] output = answers.readNBytes(Integer.parseInt(header[1]));
                    return new Result(Integer.parseInt(header[0]), new String(output, StandardCharsets.UTF_8));
                },
                seconds);
        unanswered = Optional.empty();
        return result;
    }

    /** Runs a command that must succeed within a minute; what it has said. */
    String run(String command) {
        return expect(0, command, 60);
    }

    /** Runs a command that must end with a status. */
    String expect(int status, String command, int seconds) {
        Result result = run(command, seconds);
        assertEquals(status, result.status(), () -> command + ": " + result.output() + "\n" + kernelMessages());
        return result.output();
    }

    private String kernelMessages() {
        return run("dmesg | tail -n 15", 20).output();
    }

    private interface Question<T> {
        T ask() throws IOException;
    }

    private <T> T answer(Question<T> question, int seconds) {
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(() -> {
            try {
                return question.ask();
            } catch (IOException gone) {
                throw new AssertionError("the guest is gone", gone);
            }
        });
        try {
            return answer.get(seconds, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException failure) {
            List<String> words = new ArrayList<>(machine.lastWords());
            throw new AssertionError("no answer within " + seconds + " s: " + String.join("\n", words), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = answers.read(); next != '\n'; next = answers.read()) {
            if (next < 0) {
                throw new IOException("end of the control port");
            }
            line.append((char) next);
        }
        return line.toString();
    }

    @Override
    public void close() {
        machine.close();
    }
}
