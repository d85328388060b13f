// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.vm.Accelerator;
import io.ptnetmap.nfv.vm.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Machines of which each is a {@link FakeGuest}. */
public final class FakeMachines {
    private FakeMachines() {}

    /** Makes all that machines need in a directory: an image that nothing looks into, and a program for QEMU. */
    public static LaunchOptions.Machines in(Path directory) throws IOException {
        Path image = Files.createDirectories(directory.resolve("image"));
        for (String file : List.of("vmlinux", "initrd.cpio", "root.squashfs", "image.properties")) {
            Files.writeString(image.resolve(file), "");
        }
        Path program = FakeGuest.program(directory, "-");
        return new LaunchOptions.Machines(new Installation(directory, program), Accelerator.Choice.TCG, Set.of());
    }

    /** Has machines that are started from now on boot until they are {@linkplain #release released}. */
    public static void hold(Path directory) throws IOException {
        Files.createFile(FakeGuest.heldFile(directory));
    }

    /** Lets machines boot to the end. */
    public static void release(Path directory) throws IOException {
        Files.deleteIfExists(FakeGuest.heldFile(directory));
    }

    /** Those that this process has started and that still run. */
    public static List<ProcessHandle> running() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> CommandLines.of(process).contains(FakeGuest.class.getName()))
                .toList();
    }
}
