// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The files that a part and its supervisor have in common: by absolute names where both see the same ones; else those of a directory of
 * the part's, which the supervisor writes and reads piece by piece. For one thread.
 */
final class PartFiles {
    private static final String UNFINISHED = ".unfinished";

    private final Path directory;

    /** @param directory that relative names start in */
    PartFiles(Path directory) {
        this.directory = directory;
    }

    /** The file of a name. */
    Path path(String name) {
        return directory.resolve(name);
    }

    /** Writes a piece; with its last one the file takes the place of the one before. */
    void put(FilePiece piece) throws IOException {
        Path unfinished = path(piece.file() + UNFINISHED);
        if (piece.offset() == 0) {
            Files.createDirectories(unfinished.getParent());
            Files.deleteIfExists(unfinished);
        }
        try (OutputStream out =
                Files.newOutputStream(unfinished, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            out.write(piece.bytes());
        }
        if (piece.last()) {
            Files.move(unfinished, path(piece.file()), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Reads a piece; with its last one the file is deleted. */
    FilePiece take(FilePiece wanted) throws IOException {
        Path file = path(wanted.file());
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            in.skipNBytes(wanted.offset());
            bytes = in.readNBytes(FilePiece.MOST_BYTES);
        }
        boolean last = wanted.offset() + bytes.length == Files.size(file);
        if (last) {
            Files.delete(file);
        }
        return FilePiece.of(wanted.file(), wanted.offset(), bytes, last);
    }
}
