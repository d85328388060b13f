// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFileTest {
    @TempDir
    Path directory;

    @Test
    void aStateIsAsItWasPutThereHoweverShort() throws IOException {
        for (int length : new int[] {1, 8, 9, 10, 100_000}) {
            byte[] state = new byte[length];
            state[length - 1] = 7;
            try (InputStream in =
                    KeptFile.open(Files.write(directory.resolve("kept"), state)).orElseThrow()) {
                assertArrayEquals(state, in.readAllBytes());
            }
        }
    }

    @Test
    void nothingIsKeptWhereThereIsNoFileOrAnEmptyOne() throws IOException {
        Path file = directory.resolve("kept");
        assertEquals(Optional.empty(), KeptFile.open(file));
        assertEquals(Optional.empty(), KeptFile.open(Files.createFile(file)));
    }

    @Test
    void whyAStateCannotBeHadIsToldToWhoeverLooksForIt() throws IOException {
        Path file = directory.resolve("kept");
        KeptFile.refuse(file, "the store is damaged: \u2207");
        assertEquals(
                "the store is damaged: \u2207",
                assertThrows(IOException.class, () -> KeptFile.open(file)).getMessage());
    }
}
