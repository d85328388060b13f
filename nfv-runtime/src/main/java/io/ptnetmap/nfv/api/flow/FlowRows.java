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
 * Single-threaded.
 */
public final class FlowRows {
    private static final int KEY_WORDS = 5;
    private static final int SEEN = KEY_WORDS;
    private static final int TIMEOUT_CLASS = KEY_WORDS + 1;
    private static final int FIRST_WORD = KEY_WORDS + 2;

    private final int words;
    private final FlowKey key = new FlowKey();
    private long[] rows = new long[0];
    private int size;

    /**
     * No rows yet.
     *
     * @param words of the function's own in each row
     */
    public FlowRows(int words) {
        this.words = words;
    }

    private int width() {
        return FIRST_WORD + words;
    }

    /** Number of rows. */
    public int size() {
        return size;
    }

    /**
     * Adds a flow of a table.
     *
     * @param known the function's words
     */
    public void add(FlowTable table, int entry, long... known) {
        if ((size + 1) * width() > rows.length) {
            rows = Arrays.copyOf(rows, Math.max(16 * width(), 2 * rows.length));
        }
        int at = size++ * width();
        table.key(entry, key);
        rows[at] = key.sourceHigh();
        rows[at + 1] = key.sourceLow();
        rows[at + 2] = key.destinationHigh();
        rows[at + 3] = key.destinationLow();
        rows[at + 4] = key.tail();
        rows[at + SEEN] = table.lastSeen(entry);
        rows[at + TIMEOUT_CLASS] = table.timeoutClass(entry);
        System.arraycopy(known, 0, rows, at + FIRST_WORD, words);
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
        out.writeInt(size);
        out.writeInt(words);
        for (int i = 0; i < size * width(); i++) {
            boolean isTime = i % width() == SEEN;
            out.writeLong(isTime ? nowNanos - rows[i] : rows[i]);
        }
    }

    /**
     * Reads what {@link #write} has written.
     *
     * @param nowNanos of the clock that the flows are to have been seen by
     */
    public static FlowRows read(DataInput in, long nowNanos) throws IOException {
        int size = in.readInt();
        FlowRows read = new FlowRows(in.readInt());
        if (size < 0 || size > FlowTable.MAX_CAPACITY || read.words < 0 || read.words > Byte.MAX_VALUE) {
            throw new IOException("not the flows of a table: " + size + " rows of " + read.words + " words");
        }
        for (int row = 0; row < size; row++) {
            int at = row * read.width();
            if (at + read.width() > read.rows.length) {
                read.rows = Arrays.copyOf(read.rows, Math.max(16 * read.width(), 2 * read.rows.length));
            }
            for (int i = at; i < at + read.width(); i++) {
                long value = in.readLong();
                read.rows[i] = i - at == SEEN ? nowNanos - value : value;
            }
        }
        read.size = size;
        return read;
    }
}
