// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import java.util.Collection;
import java.util.Comparator;

/** Finds what somebody who mistyped a word may have meant. */
public final class Suggestion {
    private Suggestion() {}

    /** The end of a message about an unknown word: {@code ; did you mean 'x'? known: x, y, z}. */
    public static String among(String word, Collection<String> known) {
        String all = known.isEmpty() ? "; there are none" : "; known: " + String.join(", ", known);
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .filter(best -> distance(word, best) <= Math.max(2, best.length() / 3))
                .map(best -> "; did you mean '" + best + "'?" + all.substring(1))
                .orElse(all);
    }

    /** Levenshtein's distance: the fewest insertions, deletions and replacements that turn one word into the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[to.length()];
    }
}
