// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.sink;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Follows the sequence numbers of one generator, which count up from 0.
 *
 * <p>A packet is <em>reordered</em> if one with a higher number came before it (RFC 4737 §3.3), a <em>duplicate</em> if its number
 * came before, and <em>lost</em> is what has not come of the numbers up to the highest. The last {@value #WINDOW} numbers are
 * remembered; what comes later than that counts as reordered. Allocates nothing. Single-threaded.
 */
final class SequenceCheck {
    /** Numbers that are remembered, a power of two. */
    static final int WINDOW = 1 << 16;

    /** No generator gets here; a forged number may not make the arithmetic overflow. */
    private static final long MAX_SEQUENCE = 1L << 62;

    private final long[] seen = new long[WINDOW / Long.SIZE];
    private long next;
    private long received;
    private long duplicated;
    private long reordered;

    void accept(long sequence) {
        if (sequence < 0 || sequence > MAX_SEQUENCE) {
            return;
        }
        received++;
        if (sequence >= next) {
            forget(sequence);
            next = sequence + 1;
            mark(sequence);
        } else if (next - sequence <= WINDOW && isMarked(sequence)) {
            duplicated++;
        } else {
            reordered++;
            if (next - sequence <= WINDOW) {
                mark(sequence);
            }
        }
    }

    /** Writes what it has seen, for {@link #read} to be read. */
    void write(DataOutput out) throws IOException {
        out.writeLong(next);
        out.writeLong(received);
        out.writeLong(duplicated);
        out.writeLong(reordered);
        for (long word : seen) {
            out.writeLong(word);
        }
    }

    /** Goes on where another one was when it {@linkplain #write wrote}. */
    static SequenceCheck read(DataInput in) throws IOException {
        SequenceCheck check = new SequenceCheck();
        check.next = in.readLong();
        check.received = in.readLong();
        check.duplicated = in.readLong();
        check.reordered = in.readLong();
        for (int i = 0; i < check.seen.length; i++) {
            check.seen[i] = in.readLong();
        }
        return check;
    }

    /** Makes room for the numbers up to a new highest one. */
    private void forget(long highest) {
        if (highest - next >= WINDOW) {
            Arrays.fill(seen, 0);
            return;
        }
        for (long sequence = next; sequence < highest; sequence++) {
            seen[word(sequence)] &= ~bit(sequence);
        }
    }

    private boolean isMarked(long sequence) {
        return (seen[word(sequence)] & bit(sequence)) != 0;
    }

    private void mark(long sequence) {
        seen[word(sequence)] |= bit(sequence);
    }

    private static int word(long sequence) {
        return ((int) sequence & WINDOW - 1) / Long.SIZE;
    }

    private static long bit(long sequence) {
        return 1L << sequence;
    }

    /** Packets, duplicates included. */
    long received() {
        return received;
    }

    long duplicated() {
        return duplicated;
    }

    long reordered() {
        return reordered;
    }

    long lost() {
        return next - (received - duplicated);
    }
}
