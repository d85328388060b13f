// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Writes files into a cpio archive of the format "newc", which Linux unpacks into its initial file system. Several archives
 * may follow one another in one file.
 *
 * <p>Everything belongs to root, has the time 0, and is readable by all. Directories are made as they are needed.
 * Single-threaded.
 */
public final class CpioArchive implements AutoCloseable {
    private static final String MAGIC = "070701";
    private static final int HEADER_LENGTH = 110;
    private static final int ALIGNMENT = 4;
    /** Archives are padded to whole blocks, so that another one may follow. */
    static final int BLOCK = 512;

    private static final long DIRECTORY_MODE = 040755;
    private static final long FILE_MODE = 0100644;
    private static final long PROGRAM_MODE = 0100755;
    private static final String TRAILER = "TRAILER!!!";

    private final OutputStream out;
    private final Set<String> names = new HashSet<>();
    private long written;
    private long inode;

    /** @param out gets the archive; closed with this */
    public CpioArchive(OutputStream out) {
        this.out = new BufferedOutputStream(out, 1 << 16);
    }

    /**
     * Adds a file.
     *
     * @param name path in the file system, relative to its root
     */
    public void file(String name, byte[] contents) throws IOException {
        add(name, FILE_MODE, contents);
    }

    /** Adds a file that can be executed. */
    public void program(String name, byte[] contents) throws IOException {
        add(name, PROGRAM_MODE, contents);
    }

    private void add(String name, long mode, byte[] contents) throws IOException {
        header(name, mode, contents.length);
        write(contents, contents.length);
        pad(ALIGNMENT);
    }

    /** Adds a file of this machine. */
    public void file(String name, Path contents) throws IOException {
        add(name, FILE_MODE, contents);
    }

    /** Adds a program of this machine. */
    public void program(String name, Path contents) throws IOException {
        add(name, PROGRAM_MODE, contents);
    }

    private void add(String name, long mode, Path contents) throws IOException {
        long size = Files.size(contents);
        header(name, mode, size);
        byte[] buffer = new byte[1 << 16];
        long left = size;
        try (InputStream in = Files.newInputStream(contents)) {
            for (int count;
                    left > 0 && (count = in.read(buffer, 0, (int) Math.min(left, buffer.length))) > 0;
                    left -= count) {
                write(buffer, count);
            }
        }
        if (left != 0) {
            throw new IOException(contents + " has become shorter while it was read");
        }
        pad(ALIGNMENT);
    }

    private void header(String name, long mode, long size) throws IOException {
        if (name.isEmpty()
                || name.startsWith("/")
                || Arrays.asList(name.split("/", -1)).contains("..")) {
            throw new IllegalArgumentException("'" + name + "' is no path below the root");
        }
        if (size > 0xffff_ffffL) {
            throw new IOException(name + " is too long for the archive: 4 GiB at most");
        }
        int slash = name.lastIndexOf('/');
        if (slash > 0 && !names.contains(name.substring(0, slash))) {
            header(name.substring(0, slash), DIRECTORY_MODE, 0);
        }
        if (!names.add(name)) {
            throw new IllegalArgumentException(name + " is in the archive already");
        }
        entry(name, ++inode, mode, mode == DIRECTORY_MODE ? 2 : 1, size);
    }

    private void entry(String name, long number, long mode, long links, long size) throws IOException {
        byte[] bytes = (name + '\0').getBytes(StandardCharsets.UTF_8);
        StringBuilder header = new StringBuilder(HEADER_LENGTH).append(MAGIC);
        // inode, mode, uid, gid, links, time, size, device, device of a special file, length of the name, checksum
        LongStream.of(number, mode, 0, 0, links, 0, size, 0, 0, 0, 0, bytes.length, 0)
                .forEach(field -> header.append(String.format(Locale.ROOT, "%08X", field)));
        write(header.toString().getBytes(StandardCharsets.US_ASCII), HEADER_LENGTH);
        write(bytes, bytes.length);
        pad(ALIGNMENT);
    }

    private void write(byte[] bytes, int count) throws IOException {
        out.write(bytes, 0, count);
        written += count;
    }

    private void pad(int alignment) throws IOException {
        int rest = (int) (written % alignment);
        if (rest != 0) {
            write(new byte[alignment - rest], alignment - rest);
        }
    }

    /** Ends the archive. */
    @Override
    public void close() throws IOException {
        try (out) {
            entry(TRAILER, 0, 0, 1, 0);
            pad(BLOCK);
        }
    }
}
