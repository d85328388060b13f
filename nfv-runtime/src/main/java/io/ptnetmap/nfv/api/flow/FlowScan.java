// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.flow;

import io.ptnetmap.nfv.api.StateScan;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Takes the flows of a {@link FlowTable} down, some at a time, while the table is in use; what it writes {@link FlowRows#read}
 * reads. A flow that stays keeps its number, so it is taken once.
 */
public final class FlowScan implements StateScan {
    /** Flows, and numbers, to look at in one {@link #take}: some ten microseconds. */
    private static final int ROWS = 256;

    private static final int LOOKS = 4096;
    private static final int NONE = -1;

    private final FlowTable table;
    private final Words words;
    private final long nowNanos;
    private final FlowRows rows;
    private int entry = NONE;
    private boolean more = true;
    private long entries;

    /** Adds what a function knows of a flow. */
    @FunctionalInterface
    public interface Words {
        /** Sets the function's words of a row. */
        void fill(FlowRows rows, int row, int entry);
    }

    /**
     * @param count words of the function's own in each row
     * @param nowNanos moment that times are to be distances to
     */
    public FlowScan(FlowTable table, int count, Words words, long nowNanos) {
        this.table = table;
        this.words = words;
        this.nowNanos = nowNanos;
        this.rows = new FlowRows(count, ROWS);
    }

    @Override
    public boolean take() {
        rows.clear();
        int end = entry + 1 + LOOKS;
        while (rows.size() < ROWS) {
            int next = table.next(entry, end);
            if (next == NONE) {
                entry = end - 1;
                break;
            }
            entry = next;
            words.fill(rows, rows.append(table, entry), entry);
        }
        entries += rows.size();
        more = entry + 1 < table.end();
        return more;
    }

    @Override
    public void write(DataOutput out) throws IOException {
        rows.writePieces(out, nowNanos);
        if (!more) {
            FlowRows.writeEnd(out);
        }
    }

    @Override
    public long entries() {
        return entries;
    }
}
