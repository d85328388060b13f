// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A window that slides over a file from its beginning to its end; it also reads what is not seekable, such as a FIFO. */
final class CaptureInput {
    /** The window's size, and so the longest record that can be looked at in one piece, in bytes. */
    static final int CAPACITY = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer window = ByteBuffer.allocate(CAPACITY).limit(0);
    private long windowEnd;

    CaptureInput(Path file) {
        this.file = file;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw new CaptureException(file, "opened", e);
        }
    }

    Path file() {
        return file;
    }

    /** Offset in the file of the next byte. */
    long offset() {
        return windowEnd - window.remaining();
    }

    /** Bytes in the window; after {@code available(n)} at least n of them unless the file has ended. */
    int available() {
        return window.remaining();
    }

    /** Whether {@code count} more bytes exist; they are in the window then. */
    boolean available(int count) {
        if (window.remaining() >= count) {
            return true;
        }
        window.compact();
        try {
            while (window.position() < count) {
                int read = channel.read(window);
                if (read < 0) {
                    break;
                }
                windowEnd += read;
            }
        } catch (IOException e) {
            throw new CaptureException(file, "read", e);
        } finally {
            window.flip();
        }
        return window.remaining() >= count;
    }

    /** Moves on by {@code count} bytes; false where the file ends before. */
    boolean skip(long count) {
        long left = count;
        while (left > window.remaining()) {
            left -= window.remaining();
            window.position(window.limit());
            if (!available(1)) {
                return false;
            }
        }
        window.position(window.position() + (int) left);
        return true;
    }

    /** Back to the file's beginning, which must be seekable. */
    void rewind() {
        try {
            channel.position(0);
        } catch (IOException e) {
            throw new CaptureException(file, "read again", e);
        }
        windowEnd = 0;
        window.limit(0);
    }

    void order(ByteOrder order) {
        window.order(order);
    }

    int u8(int at) {
        return window.get(window.position() + at) & 0xff;
    }

    int u16(int at) {
        return window.getShort(window.position() + at) & 0xffff;
    }

    long u32(int at) {
        return window.getInt(window.position() + at) & 0xffff_ffffL;
    }

    long i64(int at) {
        return window.getLong(window.position() + at);
    }

    /** The window's bytes; {@link #index} tells where the next byte of the file is in it. */
    byte[] array() {
        return window.array();
    }

    int index() {
        return window.position();
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new CaptureException(file, "closed", e);
        }
    }
}
