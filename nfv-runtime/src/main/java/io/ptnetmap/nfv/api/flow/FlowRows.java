// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Flows taken out of a {@link FlowTable} with what a function knows about each, on their way into another table: one of another
 * size or with other timeouts, or one in another process. A row is
 *
 * <pre>
 *   | key, 5 words | last seen, ns | timeout class | the function's words ... |
 * </pre>
 *
 * <p>Written, they are pieces, the last of which has no rows:
 *
 * <pre>
 *   | rows, 4 bytes | words of a row, 4 bytes | length of what follows, 4 bytes | the difference of each word to that of the row before |
 * </pre>
 *
 * where differences take 1 to 10 bytes: 7 bits in each, the lowest first, the highest bit set in all but the last; the sign
 * is the lowest bit. Instead of when a flow was seen, there is how long ago that was.
 *
 * <p>Single-threaded.
 */
public final class FlowRows {
    private static final int KEY_WORDS = 5;
    private static final int SEEN = KEY_WORDS;
    private static final int TIMEOUT_CLASS = KEY_WORDS + 1;
    private static final int FIRST_WORD = KEY_WORDS + 2;
    private static final int PIECE = 256;
    private static final int MOST_BYTES = 10;
    private static final int BITS = 7;
    private static final int MORE = 1 << BITS;

    private final int words;
    private final FlowKey key = new FlowKey();
    private long[] rows;
    private int size;
    /** Room for a piece that is being written; kept for the next one. */
    private byte[] packed = new byte[0];

    /**
     * No rows yet.
     *
     * @param words of the function's own in each row
     */
    public FlowRows(int words) {
        this(words, 0);
    }

    /**
     * All flows of a table.
     *
     * @param words of the function's own in each row
     * @param known sets them
     */
    public static FlowRows of(FlowTable table, int words, FlowScan.Words known) {
        FlowRows rows = new FlowRows(words);
        for (int entry = table.next(-1); entry >= 0; entry = table.next(entry)) {
            known.fill(rows, rows.append(table, entry), entry);
        }
        return rows;
    }

    /** @param room for so many rows from the beginning */
    FlowRows(int words, int room) {
        this.words = words;
        this.rows = new long[room * (FIRST_WORD + words)];
    }

    private int width() {
        return FIRST_WORD + words;
    }

    /** Number of rows. */
    public int size() {
        return size;
    }

    void clear() {
        size = 0;
    }

    /**
     * Adds a flow of a table.
     *
     * @param known the function's words
     */
    public void add(FlowTable table, int entry, long... known) {
        int row = append(table, entry);
        System.arraycopy(known, 0, rows, row * width() + FIRST_WORD, words);
    }

    /** Adds a flow of a table, of which the function's {@linkplain #word words} are still to be set. Returns its row. */
    public int append(FlowTable table, int entry) {
        makeRoom();
        int at = size * width();
        table.key(entry, key);
        rows[at] = key.sourceHigh();
        rows[at + 1] = key.sourceLow();
        rows[at + 2] = key.destinationHigh();
        rows[at + 3] = key.destinationLow();
        rows[at + 4] = key.tail();
        rows[at + SEEN] = table.lastSeen(entry);
        rows[at + TIMEOUT_CLASS] = table.timeoutClass(entry);
        return size++;
    }

    private void makeRoom() {
        if ((size + 1) * width() > rows.length) {
            rows = Arrays.copyOf(rows, Math.max(16 * width(), 2 * rows.length));
        }
    }

    /** Fills in the key of a row. */
    public FlowKey key(int row, FlowKey into) {
        int at = row * width();
        return into.words(rows[at], rows[at + 1], rows[at + 2], rows[at + 3], rows[at + 4]);
    }

    /** When the flow was seen last. */
    public long lastSeen(int row) {
        return rows[row * width() + SEEN];
    }

    /** The timeout class of the flow. */
    public int timeoutClass(int row) {
        return (int) rows[row * width() + TIMEOUT_CLASS];
    }

    /** One of the function's words, from 0. */
    public long word(int row, int word) {
        return rows[row * width() + FIRST_WORD + word];
    }

    /** Sets one of the function's words, from 0. */
    public void word(int row, int word, long value) {
        rows[row * width() + FIRST_WORD + word] = value;
    }

    /**
     * Whether a row may go into a table: not where its time is over, nor where its flow is in the table already, for another row of
     * the same flow is right then if rows are taken from the last to the first: see {@link io.ptnetmap.nfv.api.StateScan}.
     */
    public boolean isCurrent(FlowTable table, int row, long nowNanos) {
        return table.hasTimeoutClass(timeoutClass(row))
                && !table.isOver(timeoutClass(row), lastSeen(row), nowNanos)
                && table.lookup(key(row, key)) < 0;
    }

    /**
     * Adds the flow of a row to a table, seen when it was seen, in its timeout class.
     *
     * @return its entry, -1 = the table is full
     */
    public int insertInto(FlowTable table, int row) {
        return table.insert(key(row, key), lastSeen(row), timeoutClass(row));
    }

    /**
     * Writes all rows, for {@link #read} to be read.
     *
     * @param nowNanos of the clock that the flows were seen by
     */
    public void write(DataOutput out, long nowNanos) throws IOException {
        writePieces(out, nowNanos);
        writeEnd(out);
    }

    /** Writes all rows; others may follow. */
    void writePieces(DataOutput out, long nowNanos) throws IOException {
        for (int first = 0; first < size; first += PIECE) {
            int count = Math.min(PIECE, size - first);
            if (packed.length < count * width() * MOST_BYTES) {
                packed = new byte[count * width() * MOST_BYTES];
            }
            int length = pack(first, count, nowNanos, packed);
            out.writeInt(count);
            out.writeInt(words);
            out.writeInt(length);
            out.write(packed, 0, length);
        }
    }

    static void writeEnd(DataOutput out) throws IOException {
        out.writeInt(0);
        out.writeInt(0);
        out.writeInt(0);
    }

    private int pack(int first, int count, long nowNanos, byte[] into) {
        int width = width();
        long[] before = new long[width];
        int at = 0;
        for (int i = 0; i < count * width; i++) {
            int column = i % width;
            long value = rows[first * width + i];
            long word = column == SEEN ? nowNanos - value : value;
            long difference = word - before[column];
            before[column] = word;
            long rest = difference << 1 ^ difference >> 63;
            while (rest >>> BITS != 0) {
                into[at++] = (byte) (rest | MORE);
                rest >>>= BITS;
            }
            into[at++] = (byte) rest;
        }
        return at;
    }

    /**
     * Reads what {@link #write} has written.
     *
     * @param nowNanos what distances are to be taken from: of the clock that the flows are to have been seen by
     * @throws IOException if it is nothing of that kind
     */
    public static FlowRows read(DataInput in, int words, long nowNanos) throws IOException {
        FlowRows read = new FlowRows(words);
        while (true) {
            int count = in.readInt();
            int itsWords = in.readInt();
            int length = in.readInt();
            if (count == 0 && itsWords == 0 && length == 0) {
                return read;
            }
            if (count < 1
                    || count > PIECE
                    || itsWords != words
                    || length < count * read.width()
                    || length > count * read.width() * MOST_BYTES
                    || read.size > FlowTable.MAX_CAPACITY) {
                throw new IOException(
                        "not the flows of a table: " + count + " of " + itsWords + " words in " + length + " bytes");
            }
            byte[] piece = new byte[length];
            in.readFully(piece);
            read.unpack(piece, count, nowNanos);
        }
    }

    private void unpack(byte[] piece, int count, long nowNanos) throws IOException {
        long[] before = new long[width()];
        int at = 0;
        for (int row = 0; row < count; row++) {
            makeRoom();
            for (int column = 0; column < width(); column++) {
                long rest = 0;
                int shift = 0;
                byte next;
                do {
                    if (at == piece.length || shift == MOST_BYTES * BITS) {
                        throw new IOException("not the flows of a table: a number without end");
                    }
                    next = piece[at++];
                    rest |= (long) (next & MORE - 1) << shift;
                    shift += BITS;
                } while (next < 0);
                before[column] += rest >>> 1 ^ -(rest & 1);
                rows[size * width() + column] = column == SEEN ? nowNanos - before[column] : before[column];
            }
            size++;
        }
        if (at != piece.length) {
            throw new IOException("not the flows of a table: " + (piece.length - at) + " bytes too many");
        }
    }
}
