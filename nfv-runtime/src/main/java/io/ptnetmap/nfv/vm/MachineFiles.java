// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A machine's files on the host. The console's and QEMU's own messages stay when the machine has ended, until the next one of
 * that name.
 */
record MachineFiles(Path directory, String name) {
    private static final int TAIL_BYTES = 8192;

    Path control() {
        return file("control");
    }

    Path monitor() {
        return file("qmp");
    }

    Path console() {
        return file("console");
    }

    /** What QEMU itself says. */
    Path messages() {
        return file("log");
    }

    Path initialFiles() {
        return file("initrd");
    }

    private Path file(String suffix) {
        return directory.resolve("vm-" + name + "." + suffix);
    }

    /** Removes what only a running machine needs. */
    void clean() throws IOException {
        for (Path path : List.of(control(), monitor(), initialFiles())) {
            Files.deleteIfExists(path);
        }
    }

    /** The last lines of a file, without control characters; none if there is no such file. */
    static List<String> tail(Path file, int most) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, in.length() - TAIL_BYTES);
            byte[] bytes = new byte[(int) (in.length() - from)];
            in.seek(from);
            in.readFully(bytes);
            List<String> lines = new String(bytes, StandardCharsets.UTF_8)
                    .lines()
                    .map(MachineFiles::printable)
                    .filter(line -> !line.isBlank())
                    .toList();
            return lines.subList(Math.max(0, lines.size() - most), lines.size());
        } catch (IOException none) {
            return List.of();
        }
    }

    /** A line that cannot move the cursor or recolour the terminal of whoever reads it. */
    static String printable(String line) {
        return line.replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "").replaceAll("\\p{Cntrl}", "");
    }
}
