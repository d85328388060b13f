// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import io.ptnetmap.nfv.api.packet.Headers;
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
