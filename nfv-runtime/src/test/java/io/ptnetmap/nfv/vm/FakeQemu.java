// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Shell scripts in the place of QEMU's program, and empty files in that of the guest image. */
final class FakeQemu {
    private FakeQemu() {}

    /** A home directory with an image, and a program that answers what is asked of QEMU and otherwise runs these commands. */
    static Installation installation(Path home, String commands) throws IOException {
        Path image = Files.createDirectories(home.resolve("image"));
        for (String file : new String[] {"vmlinux", "initrd.cpio", "root.squashfs", "image.properties"}) {
            Files.writeString(image.resolve(file), "");
        }
        Path program = Files.writeString(home.resolve("qemu"), """
                #!/bin/sh
                case "$*" in
                    --version|'-sandbox on --version') echo 'QEMU emulator version 0.0 (fake)'; exit;;
                    '-device e1000-paravirt,help') echo 'e1000-paravirt options:'; exit;;
                esac
                """ + commands + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        return new Installation(home, program);
    }
}
