// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Prometheus's text format, read. */
record Exposition(Map<Series, Double> values) {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    record Series(String name, Map<String, String> labels) {}

    static Exposition read(String text) {
        Map<Series, Double> values = new HashMap<>();
        text.lines().filter(line -> !line.isEmpty() && !line.startsWith("#")).forEach(line -> {
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                throw new AssertionError("no sample: " + line);
            }
            Map<String, String> labels = new TreeMap<>();
            Matcher label = LABEL.matcher(parts.group(2) == null ? "" : parts.group(2));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
            values.put(new Series(parts.group(1), labels), Double.valueOf(parts.group(3)));
        });
        return new Exposition(values);
    }

    double value(String name, Map<String, String> labels) {
        Double value = values.get(new Series(name, new TreeMap<>(labels)));
        if (value == null) {
            throw new AssertionError("no " + name + " " + labels + "; there are " + names());
        }
        return value;
    }

    Set<String> names() {
        return values.keySet().stream().map(Series::name).collect(Collectors.toSet());
    }
}
