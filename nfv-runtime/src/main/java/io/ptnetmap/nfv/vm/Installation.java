// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import io.ptnetmap.linux.UserDirectories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/**
 * Where {@code nfv setup} puts what virtual machines need: {@code PTNETMAP_HOME}, by default {@code ptnetmap} in the user's
 * data directory.
 *
 * @param home that directory
 * @param qemu QEMU's program; {@code PTNETMAP_QEMU} names another
 */
public record Installation(Path home, Path qemu) {
    /** Environment variable: the directory. */
    public static final String HOME_VARIABLE = "PTNETMAP_HOME";

    /** Environment variable: the program. */
    public static final String QEMU_VARIABLE = "PTNETMAP_QEMU";

    /** As the environment says. */
    public static Installation ofThisUser() {
        return of(System::getenv);
    }

    static Installation of(UnaryOperator<String> environment) {
        Path home =
                UserDirectories.named(environment, HOME_VARIABLE).orElseGet(() -> UserDirectories.data(environment));
        Path qemu = UserDirectories.named(environment, QEMU_VARIABLE)
                .orElseGet(() -> home.resolve("qemu/bin/qemu-system-x86_64"));
        return new Installation(home, qemu);
    }

    /** The same with another QEMU. */
    public Installation withQemu(Path program) {
        return new Installation(home, program);
    }

    /** @throws MachineException if there is no QEMU */
    Path requireQemu() {
        if (!Files.isExecutable(qemu)) {
            throw new MachineException("no QEMU at " + qemu + ": build it by './nfv setup qemu', or name one by "
                    + QEMU_VARIABLE + " or --qemu");
        }
        return qemu;
    }

    /** The directory of the guest image. */
    public Path image() {
        return home.resolve("image");
    }
}
