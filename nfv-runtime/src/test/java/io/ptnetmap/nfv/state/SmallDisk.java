// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.state;

import io.ptnetmap.nfv.JavaCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process with a disk of its own that is soon full, and ends with it. */
public final class SmallDisk implements AutoCloseable {
    private final Process process;

    private SmallDisk(Process process) {
        this.process = process;
    }

    /**
     * Starts a program of the tests; it says nothing where no disk is to be had.
     *
     * @param mount where it has the disk; nobody else sees it there
     * @param size such as {@code 2m}
     */
    public static SmallDisk start(Path mount, String size, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "/usr/bin/unshare",
                "-m",
                "/bin/sh",
                "-c",
                "mount -t tmpfs -o size=" + size + ",mode=700 tmpfs \"$1\" && shift && exec \"$@\"",
                "sh",
                mount.toString()));
        command.addAll(JavaCommand.of(main, arguments));
        return new SmallDisk(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** What it says first, or null. */
    public String firstLine() throws IOException {
        return process.inputReader().readLine();
    }

    /** A path of its own, as others reach it. */
    public Path path(Path own) {
        return Path.of("/proc/" + process.pid() + "/root" + own);
    }

    /** Kills it. */
    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
