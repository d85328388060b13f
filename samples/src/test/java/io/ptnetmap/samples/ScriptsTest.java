// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests of the kernel modules, of QEMU and of the guest image that are not written in Java. */
@Tag("vm")
class ScriptsTest {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final int LACKS_SOMETHING = 4;

    @TempDir
    Path directory;

    @Test
    void netmapKeepsItsPromisesToPrograms() throws Exception {
        run("host-setup/kernel/test/run.sh");
    }

    @Test
    void driversSurviveWhatHappensToThem() throws Exception {
        run("host-setup/kernel/test/nic-test.sh");
    }

    @Test
    void driversSurviveItWithInterruptLines() throws Exception {
        run("host-setup/kernel/test/nic-test.sh", "-a", "pci=nomsi");
    }

    @Test
    void qemuKeepsItsPromisesToGuestsAndHosts() throws Exception {
        run("host-setup/qemu/test/run.sh");
    }

    @Test
    void theImageKeepsItsPromisesToJobs() throws Exception {
        Machines.need();
        run("guest-image/test/boot-test.sh");
    }

    private void run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "script", ".txt");
        command[0] = PROJECT.resolve(command[0]).toString();
        ProcessBuilder script = new ProcessBuilder(command);
        script.environment().put("NFV", nfv().toString());
        int status = script.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        String said = Files.readString(output);
        assumeTrue(status != LACKS_SOMETHING, said);
        assertEquals(0, status, said);
    }

    /** These tests' own nfv, as a command. */
    private Path nfv() throws IOException {
        String command = Nfv.command(List.of()).command().stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Path file = Files.writeString(directory.resolve("nfv"), "#!/bin/sh\nexec " + command + " \"$@\"\n");
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }
}
