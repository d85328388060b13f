// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/**
 * Takes down what a {@link Stateful} function knows, a little at a time, while it goes on processing packets: {@link #take} copies
 * some of it between two batches, {@link #write} writes the copy while the next batches are processed.
 *
 * <p>So what is written is no picture of one moment. Each entry is as it was at one moment of the scan, by itself right and whole.
 * An entry that was there all the time is written, once. One that came or went meanwhile may be written or not; where one
 * took something over from another that had gone (a port, a key), both may be written, and the one written later is right.
 */
public interface StateScan {
    /**
     * Copies what comes next. Called by the function's worker, which processes nothing meanwhile: so this must take no more
     * than some ten microseconds, however much there is.
     *
     * @return whether there is more to come
     */
    boolean take();

    /** Writes what {@link #take} has copied last; called before the next one, by any thread. */
    void write(DataOutput out) throws IOException;

    /** Entries of tables taken so far; nothing else counts. */
    long entries();

    /** Something that writes. */
    @FunctionalInterface
    interface Content {
        void write(DataOutput out) throws IOException;
    }

    /**
     * A scan of one step.
     *
     * @param copy called by the function's worker: gives what writes a copy that nobody changes any more
     */
    static StateScan copied(Supplier<Content> copy) {
        return new StateScan() {
            private Content content = out -> {};

            @Override
            public boolean take() {
                content = copy.get();
                return false;
            }

            @Override
            public void write(DataOutput out) throws IOException {
                content.write(out);
            }

            @Override
            public long entries() {
                return 0;
            }
        };
    }

    /** A scan that has the function's worker write everything at once, into memory. */
    static StateScan atOnce(Content content) {
        return copied(() -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                content.write(new DataOutputStream(bytes));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
            return out -> out.write(bytes.toByteArray());
        });
    }

    /** A scan of several parts, one after the other. */
    static StateScan inOrder(StateScan... parts) {
        return new StateScan() {
            private int part;
            private boolean taken;
            private boolean more = true;

            @Override
            public boolean take() {
                if (taken && !more) {
                    part++;
                }
                taken = true;
                more = parts[part].take();
                return more || part + 1 < parts.length;
            }

            @Override
            public void write(DataOutput out) throws IOException {
                parts[part].write(out);
            }

            @Override
            public long entries() {
                long sum = 0;
                for (StateScan one : parts) {
                    sum += one.entries();
                }
                return sum;
            }
        };
    }
}
