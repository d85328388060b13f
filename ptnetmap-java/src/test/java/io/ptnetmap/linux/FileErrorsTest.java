// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class FileErrorsTest {
    @TempDir
    Path directory;

    private static String whyNot(Executable use) {
        return FileErrors.why(assertThrows(IOException.class, use));
    }

    @Test
    void whatJavaAndTheKernelDoNotSayIsSaid() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[] {(byte) 0xff});
        assertEquals("no such file or directory", whyNot(() -> Files.newInputStream(directory.resolve("none"))));
        assertEquals("it exists already", whyNot(() -> Files.createDirectory(file)));
        assertEquals("it is no text in UTF-8", whyNot(() -> Files.readString(file)));
        assertEquals("Not a directory", whyNot(() -> Files.createFile(file.resolve("below"))));
        assertEquals("Is a directory", whyNot(() -> Files.readAllBytes(directory)));
        assertEquals("permission denied", FileErrors.why(new AccessDeniedException("file")));
    }
}
