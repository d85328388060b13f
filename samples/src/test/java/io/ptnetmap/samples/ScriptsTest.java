// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The tests of the kernel module and of QEMU that are not written in Java. */
@Tag("vm")
class ScriptsTest {
    private static final Path HOST_SETUP =
            Path.of("../host-setup").toAbsolutePath().normalize();
    private static final int LACKS_SOMETHING = 4;

    @Test
    void netmapKeepsItsPromisesToPrograms() throws Exception {
        run("kernel/test/run.sh");
    }

    @Test
    void qemuKeepsItsPromisesToGuestsAndHosts() throws Exception {
        run("qemu/test/run.sh");
    }

    private static void run(String script) throws IOException, InterruptedException {
        Path output = Files.createTempFile("script", ".txt");
        try {
            int status = new ProcessBuilder(HOST_SETUP.resolve(script).toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start()
                    .waitFor();
            String said = Files.readString(output);
            assumeTrue(status != LACKS_SOMETHING, said);
            assertEquals(0, status, said);
        } finally {
            Files.delete(output);
        }
    }
}
