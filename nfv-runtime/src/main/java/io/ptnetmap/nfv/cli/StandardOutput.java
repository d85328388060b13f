// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Terminal;
import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The standard output of commands, which remembers why it could not be written: {@code System.out} and what prints to it keep that to
 * themselves. A reader that is gone, as {@code head}, is no failure, a full disk is one. Thread-safe.
 */
final class StandardOutput extends OutputStream {
    private final OutputStream file = new FileOutputStream(FileDescriptor.out);
    private volatile Optional<IOException> failure = Optional.empty();

    /**
     * What prints to it, and hands on each line at once. In UTF-8 where the locale has ASCII only, as in most containers, which says
     * what programs may take for granted and not what can be shown: microseconds would become "?s".
     */
    PrintWriter writer() {
        Charset locale = Charset.forName(System.getProperty("stdout.encoding"), StandardCharsets.UTF_8);
        Charset charset = locale.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : locale;
        return new PrintWriter(new BufferedWriter(new OutputStreamWriter(this, charset)), true);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            file.write(bytes, offset, length);
        } catch (IOException e) {
            failure = Optional.of(e);
            throw e;
        }
    }

    /** Whether nobody reads any more what is written to it: {@code poll(2)} says so of a pipe whether or not anything is written. */
    boolean isAbandoned() {
        return (Linux.poll(Terminal.OUTPUT, 0, 0) & Linux.POLLERR) != 0;
    }

    /** Why something could not be written, if that is anybody's loss. */
    Optional<String> problem() {
        return failure.filter(_ -> !isAbandoned()).map(e -> "standard output: " + FileErrors.why(e));
    }
}
