// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import io.ptnetmap.nfv.api.packet.Headers;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Packets and bytes in all and by category. Single-threaded. */
final class Totals {
    private static final Category[] CATEGORIES = Category.values();

    private final long[] packets = new long[CATEGORIES.length];
    private final long[] bytes = new long[CATEGORIES.length];
    private long allPackets;
    private long allBytes;

    void add(Headers headers, int length) {
        int category = Category.of(headers).ordinal();
        packets[category]++;
        bytes[category] += length;
        allPackets++;
        allBytes += length;
    }

    /** Writes them, for {@link #read} to be read. */
    void write(DataOutput out) throws IOException {
        out.writeLong(allPackets);
        out.writeLong(allBytes);
        for (Category category : CATEGORIES) {
            out.writeLong(packets[category.ordinal()]);
            out.writeLong(bytes[category.ordinal()]);
        }
    }

    /** Reads what {@link #write} has written. */
    static Totals read(DataInput in) throws IOException {
        Totals totals = new Totals();
        totals.allPackets = in.readLong();
        totals.allBytes = in.readLong();
        for (Category category : CATEGORIES) {
            totals.packets[category.ordinal()] = in.readLong();
            totals.bytes[category.ordinal()] = in.readLong();
        }
        return totals;
    }

    /** The totals, and under {@code protocols} those of each category that occurred. */
    Map<String, Object> report() {
        Map<String, Object> protocols = new LinkedHashMap<>();
        for (Category category : CATEGORIES) {
            int i = category.ordinal();
            if (packets[i] > 0) {
                Map<String, Object> counts = new LinkedHashMap<>();
                counts.put("packets", packets[i]);
                counts.put("bytes", bytes[i]);
                protocols.put(category.label(), counts);
            }
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("packets", allPackets);
        report.put("bytes", allBytes);
        report.put("protocols", protocols);
        return report;
    }
}
