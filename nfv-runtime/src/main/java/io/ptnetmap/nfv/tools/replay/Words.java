// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.replay;

import io.ptnetmap.nfv.tools.ToolException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A description of an emulated property: a name and numbers with units, joined by commas.
 *
 * @param text all of it
 * @param words its parts
 */
record Words(String text, String... words) {
    /** Units of bandwidths and speeds. */
    static final Map<String, Double> RATES =
            Map.of("", 1.0, "k", 1e3, "K", 1e3, "M", 1e6, "m", 1e6, "G", 1e9, "g", 1e9);
    /** Units of times, in nanoseconds. */
    static final Map<String, Double> TIMES = Map.of("", 1e9, "s", 1e9, "m", 1e6, "u", 1e3, "n", 1.0);
    /** Probabilities. */
    static final Map<String, Double> PLAIN = Map.of("", 1.0);

    private static final Pattern NUMBER = Pattern.compile("([0-9]*\\.?[0-9]+(?:[eE][-+]?[0-9]{1,3})?)([a-zA-Z]?)");

    static Words of(String text) {
        return new Words(text, text.split(",", -1));
    }

    String name() {
        return words[0];
    }

    int count() {
        return words.length - 1;
    }

    /** The number that is all there is. */
    Optional<Double> onlyNumber(Map<String, Double> units) {
        return words.length == 1 ? number(words[0], units) : Optional.empty();
    }

    /** The numbers behind the name. */
    double[] arguments(String option, Map<String, Double> units, int count) {
        if (count() != count) {
            throw new ToolException(option + " " + text + ": " + name() + " takes " + count + " number"
                    + (count == 1 ? "" : "s") + " behind it, not " + count());
        }
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            String word = words[i + 1];
            values[i] = number(word, units)
                    .orElseThrow(() -> new ToolException(option + " " + text + ": '" + word + "' is no number"
                            + (units == PLAIN
                                    ? ""
                                    : " with one of the units "
                                            + units.keySet().stream()
                                                    .filter(unit -> !unit.isEmpty())
                                                    .sorted()
                                                    .toList())));
        }
        return values;
    }

    private static Optional<Double> number(String word, Map<String, Double> units) {
        Matcher matcher = NUMBER.matcher(word);
        return matcher.matches() && units.containsKey(matcher.group(2))
                ? Optional.of(Double.parseDouble(matcher.group(1)) * units.get(matcher.group(2)))
                : Optional.empty();
    }
}
