// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.Stateful;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * The form in which a function's state is kept:
 *
 * <pre>
 *   | 'nfvS', 4 bytes | function's type, UTF | form of its state, 4 bytes | when, ms since 1970, 8 bytes | its state | CRC-32C, 4 bytes |
 * </pre>
 */
final class StateForm {
    private static final int MAGIC = 0x6e66_7653;
    private static final int TRAILER = Integer.BYTES;
    private static final int COPY = 1 << 16;

    private StateForm() {}

    /** Writes a state. For one thread. */
    static final class Writer {
        private final CRC32C checksum = new CRC32C();
        private final DataOutputStream out;

        /**
         * @param type of the function
         * @param version form of what it writes
         * @param millis when that was taken down, since 1970
         */
        Writer(OutputStream to, String type, int version, long millis) throws IOException {
            out = new DataOutputStream(new CheckedOutputStream(new BufferedOutputStream(to, COPY), checksum));
            out.writeInt(MAGIC);
            out.writeUTF(type);
            out.writeInt(version);
            out.writeLong(millis);
        }

        /** Where the function writes. */
        DataOutput content() {
            return out;
        }

        /** Completes what has been written. Returns its length. */
        long finish() throws IOException {
            out.writeInt((int) checksum.getValue());
            out.flush();
            return Integer.toUnsignedLong(out.size());
        }
    }

    /**
     * What a function has taken over.
     *
     * @param ageMillis of what it has taken over
     */
    record Resumed(Stateful.Takeover takeover, long ageMillis) {}

    /**
     * Has a function go on from what is kept under its name.
     *
     * @param type of the function
     * @param clock of the function
     * @return empty where nothing is kept
     * @throws IOException if what is kept is damaged, or not of such a function; the function has not seen it then
     */
    static <S> Optional<Resumed> resume(
            StateSource states, String name, String type, Stateful<S> function, LongSupplier clock) throws IOException {
        Optional<InputStream> kept = states.open(name);
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        // First only the checksum: a function is given nothing that it has not written.
        try (InputStream in = kept.get()) {
            requireWhole(in);
        }
        try (InputStream in = states.open(name).orElseThrow(() -> new IOException("it is gone"))) {
            return Optional.of(read(in, type, function, clock));
        }
    }

    /** Fails where this does not end with its own checksum. */
    private static void requireWhole(InputStream in) throws IOException {
        CRC32C checksum = new CRC32C();
        byte[] buffer = new byte[COPY];
        int kept = 0;
        for (int read = in.read(buffer, kept, COPY - kept); read >= 0; read = in.read(buffer, kept, COPY - kept)) {
            int present = kept + read;
            int summed = Math.max(0, present - TRAILER);
            checksum.update(buffer, 0, summed);
            kept = present - summed;
            System.arraycopy(buffer, summed, buffer, 0, kept);
        }
        int trailer = 0;
        for (int i = 0; i < kept; i++) {
            trailer = trailer << Byte.SIZE | buffer[i] & 0xff;
        }
        if (kept < TRAILER || trailer != (int) checksum.getValue()) {
            throw new IOException("it is damaged: its checksum is another one");
        }
    }

    private static <S> Resumed read(InputStream from, String type, Stateful<S> function, LongSupplier clock)
            throws IOException {
        CRC32C checksum = new CRC32C();
        DataInputStream in = new DataInputStream(new CheckedInputStream(new BufferedInputStream(from, COPY), checksum));
        try {
            if (in.readInt() != MAGIC) {
                throw new IOException("it is no function's state");
            }
            String writer = in.readUTF();
            if (!writer.equals(type)) {
                throw new IOException("it is that of a " + writer);
            }
            int version = in.readInt();
            long ageMillis = Math.max(0, System.currentTimeMillis() - in.readLong());
            long writtenNanos = clock.getAsLong() - TimeUnit.MILLISECONDS.toNanos(ageMillis);
            S state = function.read(in, version, writtenNanos);
            int expected = (int) checksum.getValue();
            if (in.readInt() != expected || in.read() >= 0) {
                throw new IOException("there is more in it than the function has read");
            }
            return new Resumed(function.takeOver(state), ageMillis);
        } catch (EOFException | UTFDataFormatException cutShort) {
            throw new IOException("it ends too early, or is written otherwise than this version does", cutShort);
        }
    }
}
