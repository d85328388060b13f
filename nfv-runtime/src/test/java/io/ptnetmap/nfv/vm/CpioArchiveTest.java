// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives, judged by cpio(1) and busybox. */
class CpioArchiveTest {
    @TempDir
    Path directory;

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private Path archive() throws IOException {
        Path large = Files.write(directory.resolve("large"), bytes(200_001));
        Path file = directory.resolve("test.cpio");
        try (CpioArchive archive = new CpioArchive(Files.newOutputStream(file))) {
            archive.file("part/java.args", "-cp x\n".getBytes(StandardCharsets.UTF_8));
            archive.file("part/jars/0-a.jar", large);
            archive.file("part/jars/1-b.jar", bytes(4));
            archive.file("part/empty", new byte[0]);
            archive.file("part/Größe.txt", bytes(3));
        }
        return file;
    }

    /** Unpacks by a program that reads the archive from its standard input. */
    private Path unpack(Path archive, String... command) throws Exception {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(":"))
                        .anyMatch(entry -> Files.isExecutable(Path.of(entry, command[0]))),
                command[0] + " is not installed");
        Path into = Files.createTempDirectory(directory, "unpacked");
        Process process = new ProcessBuilder(command)
                .directory(into.toFile())
                .redirectInput(archive.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return into;
    }

    private void assertUnpacked(Path into) throws IOException {
        assertEquals("-cp x\n", Files.readString(into.resolve("part/java.args")));
        assertArrayEquals(bytes(200_001), Files.readAllBytes(into.resolve("part/jars/0-a.jar")));
        assertArrayEquals(bytes(4), Files.readAllBytes(into.resolve("part/jars/1-b.jar")));
        assertEquals(0, Files.size(into.resolve("part/empty")));
        assertArrayEquals(bytes(3), Files.readAllBytes(into.resolve("part/Größe.txt")));
        try (Stream<Path> all = Files.walk(into)) {
            assertEquals(8, all.count(), "five files in two directories, and the root");
        }
    }

    @Test
    void cpioUnpacksIt() throws Exception {
        assertUnpacked(unpack(archive(), "cpio", "-i", "-d", "--quiet"));
    }

    @Test
    void busyboxUnpacksIt() throws Exception {
        assertUnpacked(unpack(archive(), "busybox", "cpio", "-i"));
    }

    @Test
    void directoriesCanBeEnteredAndFilesReadByAll() throws Exception {
        Path into = unpack(archive(), "cpio", "-i", "-d", "--quiet");
        assertEquals(
                "rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(into.resolve("part/jars"))));
        assertEquals(
                "rw-r--r--",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(into.resolve("part/java.args"))));
    }

    @Test
    void anArchiveMayFollowAnother() throws Exception {
        Path file = directory.resolve("two.cpio");
        try (OutputStream out = Files.newOutputStream(file)) {
            for (String name : List.of("first", "second")) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (CpioArchive archive = new CpioArchive(bytes)) {
                    archive.file(name, bytes(5));
                }
                assertEquals(0, bytes.size() % CpioArchive.BLOCK);
                out.write(bytes.toByteArray());
            }
        }
        // Linux goes on behind the end of an archive, as the second run here does where the first has stopped.
        Path into = unpack(file, "sh", "-c", "cpio -i --quiet && cpio -i --quiet");
        assertArrayEquals(bytes(5), Files.readAllBytes(into.resolve("first")));
        assertArrayEquals(bytes(5), Files.readAllBytes(into.resolve("second")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "..", "part/../../x"})
    void namesStayBelowTheRoot(String name) throws IOException {
        try (CpioArchive archive = new CpioArchive(OutputStream.nullOutputStream())) {
            assertThrows(IllegalArgumentException.class, () -> archive.file(name, new byte[1]));
        }
    }

    @Test
    void aNameIsThereOnce() throws IOException {
        try (CpioArchive archive = new CpioArchive(OutputStream.nullOutputStream())) {
            archive.file("a/b", new byte[1]);
            assertThrows(IllegalArgumentException.class, () -> archive.file("a/b", new byte[1]));
        }
    }
}
