// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.nfv.vm.Installation;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What tests with virtual machines have in common. */
final class Machines {
    /** For what takes half a minute where a machine is emulated on one that has nothing else to do. */
    static final Duration PATIENCE = Duration.ofMinutes(8);

    private Machines() {}

    /** Skips the test where {@code nfv setup} has not made what machines need. */
    static void need() {
        Installation installation = Installation.ofThisUser();
        assumeTrue(
                Files.isExecutable(installation.qemu()),
                () -> "no QEMU at " + installation.qemu() + ": run './nfv setup all'");
        assumeTrue(
                Files.isReadable(installation.image().resolve("image.properties")),
                () -> "no guest image in " + installation.image() + ": run './nfv setup all'");
    }

    /** Waits until something holds that machines must bring about. */
    static void awaitThat(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertFalse(System.nanoTime() - deadline > 0, "not in time: " + what);
            Thread.sleep(20);
        }
    }

    /** The QEMUs that a process has started and that still run. */
    static List<ProcessHandle> of(ProcessHandle process) {
        return process.descendants().filter(Machines::isQemu).toList();
    }

    private static boolean isQemu(ProcessHandle process) {
        return process.info()
                .command()
                .filter(command -> command.contains("qemu-system"))
                .isPresent();
    }
}
