// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds what somebody who mistyped a word may have meant. */
public final class Suggestion {
    /** A slip of the finger is allowed for each so many letters. */
    private static final int LETTERS_PER_SLIP = 4;

    private Suggestion() {}

    /** The end of a message about an unknown word: {@code ; did you mean 'x'? known: x, y, z}. */
    public static String among(String word, Collection<String> known) {
        String all = known.isEmpty() ? "; there are none" : "; known: " + String.join(", ", known);
        return nearest(word, known)
                .map(best -> didYouMean(best) + all.substring(1))
                .orElse(all);
    }

    /** The same of many words, which it would take too long to read: {@code ; did you mean 'x'?}, or nothing. */
    public static String ofMany(String word, Collection<String> known) {
        return nearest(word, known).map(Suggestion::didYouMean).orElse("");
    }

    private static String didYouMean(String word) {
        return "; did you mean '" + word + "'?";
    }

    /** The known word that is most like another one; empty if none of them is so like it that it may have been meant. */
    private static Optional<String> nearest(String word, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .filter(best -> isNear(word, best));
    }

    private static boolean isNear(String word, String candidate) {
        int distance = distance(word, candidate);
        int shorter = Math.min(letters(word), letters(candidate));
        int longer = Math.max(letters(word), letters(candidate));
        // A word of which no letter is right is no slip.
        return distance < shorter && distance <= Math.max(1, longer / LETTERS_PER_SLIP);
    }

    /** What makes an option of a word is no part of it. */
    private static int letters(String word) {
        return word.replaceFirst("^-+", "").length();
    }

    /**
     * The fewest insertions, deletions, replacements and exchanges of neighbours that turn one word into the other, none of them of
     * what another one has made (optimal string alignment).
     */
    private static int distance(String from, String to) {
        int[] beforeLast = new int[to.length() + 1];
        int[] last = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = last[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[to.length()];
    }
}
