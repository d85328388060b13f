// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file in which a process or machine finds what is kept of a function's state: the state as it was taken, or why it cannot be had;
 * nothing, or an empty file, where nothing is kept.
 */
final class KeptFile {
    /** No state begins so. */
    private static final String REFUSED = "refused: ";

    private KeptFile() {}

    /** Has whoever {@linkplain #open opens} the file be told why there is no state. */
    static void refuse(Path file, String why) throws IOException {
        Files.writeString(file, REFUSED + why);
    }

    /**
     * What is kept.
     *
     * @throws IOException with the reason if there is something that cannot be had
     */
    static Optional<InputStream> open(Path file) throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0) {
            return Optional.empty();
        }
        InputStream in = new BufferedInputStream(Files.newInputStream(file));
        try {
            in.mark(REFUSED.length());
            if (new String(in.readNBytes(REFUSED.length()), StandardCharsets.US_ASCII).equals(REFUSED)) {
                throw new IOException(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
            in.reset();
            return Optional.of(in);
        } catch (IOException failure) {
            in.close();
            throw failure;
        }
    }
}
