// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.flow.FlowScan;
import io.ptnetmap.nfv.api.flow.FlowTable;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The flows that a monitor follows, and the largest of those that it followed. Single-threaded. */
final class Flows {
    private static final Comparator<FlowRecord> LARGEST_FIRST =
            Comparator.comparingLong(FlowRecord::bytes).reversed();

    /** In rows, of a flow: packets, bytes, and when the first and the last one was seen. */
    private static final int WORDS = 4;

    private final FlowTable table;
    private final FlowKey entryKey = new FlowKey();
    private final long[] packets;
    private final long[] bytes;
    private final long[] firstSeen;
    private final long[] lastSeen;
    private final int top;
    private final List<FlowRecord> largestExpired = new ArrayList<>();
    private long expired;

    Flows(int capacity, Duration idleTimeout, int top) {
        table = new FlowTable(capacity, List.of(idleTimeout));
        packets = new long[capacity];
        bytes = new long[capacity];
        firstSeen = new long[capacity];
        lastSeen = new long[capacity];
        this.top = top;
    }

    private Flows(Flows others, int top) {
        table = others.table;
        packets = others.packets;
        bytes = others.bytes;
        firstSeen = others.firstSeen;
        lastSeen = others.lastSeen;
        expired = others.expired;
        this.top = top;
        others.largestExpired.stream().limit(top).forEach(largestExpired::add);
    }

    /** The same flows, of which another number is told. From now on only these or those may follow them. */
    Flows telling(int most) {
        return new Flows(this, most);
    }

    /**
     * Counts a packet.
     *
     * @param nowNanos the engine's clock, which flows expire by
     * @param timestampNanos when the packet was seen, since the epoch
     * @return false where there is no room for its flow
     */
    boolean add(FlowKey key, int length, long nowNanos, long timestampNanos) {
        int entry = table.lookup(key);
        if (entry < 0) {
            entry = table.insert(key, nowNanos, 0);
            if (entry < 0) {
                return false;
            }
            packets[entry] = 0;
            bytes[entry] = 0;
            firstSeen[entry] = timestampNanos;
        }
        table.touch(entry, nowNanos);
        packets[entry]++;
        bytes[entry] += length;
        lastSeen[entry] = timestampNanos;
        return true;
    }

    /** Lets idle flows go; looks at {@code limit} of them at most. */
    void expire(long nowNanos, int limit) {
        expired += table.expire(nowNanos, limit, this::keepIfLarge);
    }

    private void keepIfLarge(int entry) {
        boolean isLarge = largestExpired.size() < top
                || top > 0 && bytes[entry] > largestExpired.getLast().bytes();
        if (isLarge) {
            largestExpired.add(record(entry));
            keepLargest(largestExpired);
        }
    }

    private void keepLargest(List<FlowRecord> records) {
        records.sort(LARGEST_FIRST);
        if (records.size() > top) {
            records.removeLast();
        }
    }

    /** The flows with the most bytes, present and expired, the largest first. */
    List<FlowRecord> largest() {
        List<FlowRecord> largest = new ArrayList<>(largestExpired);
        for (int entry = next(-1); entry >= 0; entry = next(entry)) {
            if (largest.size() < top
                    || top > 0 && bytes[entry] > largest.getLast().bytes()) {
                largest.add(record(entry));
                keepLargest(largest);
            }
        }
        return largest;
    }

    /** The present flow behind another one; -1 = none. Start with -1. */
    int next(int entry) {
        return table.next(entry);
    }

    FlowRecord record(int entry) {
        table.key(entry, entryKey);
        return FlowRecord.of(entryKey, packets[entry], bytes[entry], firstSeen[entry], lastSeen[entry]);
    }

    /** Whether others follow as many flows, as long. */
    boolean isLike(Flows other) {
        return table.isLike(other.table);
    }

    /**
     * Goes on with what others have followed.
     *
     * @return flows that there was no room for
     */
    int restore(Flows others) {
        FlowRows rows = others.rows();
        int beyond = 0;
        for (int row = 0; row < rows.size(); row++) {
            if (!restore(rows, row)) {
                beyond++;
            }
        }
        expired += others.expired;
        others.largestExpired.forEach(this::keepExpired);
        return beyond;
    }

    private boolean restore(FlowRows rows, int row) {
        int entry = rows.insertInto(table, row);
        if (entry >= 0) {
            packets[entry] = rows.word(row, 0);
            bytes[entry] = rows.word(row, 1);
            firstSeen[entry] = rows.word(row, 2);
            lastSeen[entry] = rows.word(row, 3);
        }
        return entry >= 0;
    }

    private void keepExpired(FlowRecord record) {
        largestExpired.add(record);
        keepLargest(largestExpired);
    }

    private FlowRows rows() {
        return FlowRows.of(table, WORDS, this::fill);
    }

    /** Takes down the present flows. */
    FlowScan scan(long nowNanos) {
        return new FlowScan(table, WORDS, this::fill, nowNanos);
    }

    private void fill(FlowRows rows, int row, int entry) {
        rows.word(row, 0, packets[entry]);
        rows.word(row, 1, bytes[entry]);
        rows.word(row, 2, firstSeen[entry]);
        rows.word(row, 3, lastSeen[entry]);
    }

    /** Writes them, for {@link #read} to be read. */
    void write(DataOutput out, long nowNanos) throws IOException {
        rows().write(out, nowNanos);
        writeExpired(out);
    }

    /** Writes what stands behind the present flows. */
    void writeExpired(DataOutput out) throws IOException {
        out.writeLong(expired);
        out.writeInt(largestExpired.size());
        for (FlowRecord record : largestExpired) {
            record.write(out);
        }
    }

    /** Reads what {@link #write} has written. */
    static Flows read(DataInput in, long nowNanos, Duration idleTimeout) throws IOException {
        FlowRows rows = FlowRows.read(in, WORDS, nowNanos);
        long expired = in.readLong();
        int count = in.readInt();
        Flows flows = new Flows(Math.max(1, rows.size()), idleTimeout, count);
        for (int row = 0; row < rows.size(); row++) {
            flows.restore(rows, row);
        }
        flows.expired = expired;
        for (int i = 0; i < count; i++) {
            flows.largestExpired.add(FlowRecord.read(in));
        }
        return flows;
    }

    /** Flows followed at present. */
    int size() {
        return table.size();
    }

    /** Flows let go. */
    long expired() {
        return expired;
    }
}
