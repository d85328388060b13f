// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Rows of text in columns that are as wide as need be. */
final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();
    private final String alignment;

    /** @param alignment a letter for each column: l = left, r = right */
    TextTable(String alignment, String... titles) {
        this.alignment = alignment;
        rows.add(List.of(titles));
    }

    void row(String... cells) {
        rows.add(List.of(cells));
    }

    /** The lines, the titles first. */
    List<String> lines() {
        List<Integer> widths = new ArrayList<>(Collections.nCopies(alignment.length(), 0));
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths.set(i, Math.max(widths.get(i), row.get(i).length()));
            }
        }
        return rows.stream().map(row -> line(row, widths)).toList();
    }

    private String line(List<String> row, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String padding = " ".repeat(widths.get(i) - row.get(i).length());
            boolean right = alignment.charAt(i) == 'r';
            line.append(i == 0 ? "" : "  ")
                    .append(right ? padding : "")
                    .append(row.get(i))
                    .append(right ? "" : padding);
        }
        return line.toString().stripTrailing();
    }
}
