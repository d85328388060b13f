// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What functions say of their work, for people: single values first, then a table or a section for each of the others. */
final class ReportText {
    private static final String INDENT = "  ";

    private ReportText() {}

    /** Of a function, whatever it says. */
    static List<String> lines(Map<?, ?> report) {
        List<List<String>> single = new ArrayList<>();
        List<String> sections = new ArrayList<>();
        report.forEach((key, value) -> {
            if (isSingle(value)) {
                single.add(List.of(text(key), cell(key, value)));
            } else {
                sections.addAll(section(text(key), value));
            }
        });
        List<String> lines =
                new ArrayList<>(table(List.of("", ""), single).stream().skip(1).toList());
        lines.addAll(sections);
        return lines;
    }

    private static List<String> section(String title, Object value) {
        if (value instanceof Map<?, ?> map && map.values().stream().allMatch(ReportText::isRecord)) {
            return named(title, map);
        }
        List<String> section = new ArrayList<>(List.of(title));
        body(value).forEach(line -> section.add(INDENT + line));
        return section;
    }

    private static List<String> body(Object value) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            return lines(map);
        }
        if (value instanceof Collection<?> items && !items.isEmpty()) {
            return items.stream().allMatch(ReportText::isRecord)
                    ? records(items)
                    : items.stream().flatMap(item -> marked(body(item))).toList();
        }
        return List.of(cell("", value));
    }

    private static Stream<String> marked(List<String> item) {
        return Stream.concat(
                Stream.of("- " + item.getFirst()), item.stream().skip(1).map(line -> INDENT + line));
    }

    private static List<String> records(Collection<?> records) {
        List<?> keys = keys(records);
        return table(
                keys.stream().map(ReportText::text).toList(),
                records.stream().map(one -> row(keys, (Map<?, ?>) one)).toList());
    }

    /** Records that have names: a table whose first column these are. */
    private static List<String> named(String title, Map<?, ?> records) {
        List<?> keys = keys(records.values());
        List<String> titles = new ArrayList<>(List.of(title));
        keys.forEach(key -> titles.add(text(key)));
        List<List<String>> rows = new ArrayList<>();
        records.forEach((name, record) -> {
            List<String> row = new ArrayList<>(List.of(text(name)));
            row.addAll(row(keys, (Map<?, ?>) record));
            rows.add(row);
        });
        return table(titles, rows);
    }

    private static List<?> keys(Collection<?> records) {
        Set<Object> keys = new LinkedHashSet<>();
        records.forEach(item -> keys.addAll(((Map<?, ?>) item).keySet()));
        return List.copyOf(keys);
    }

    private static List<String> row(List<?> keys, Map<?, ?> values) {
        return keys.stream()
                .map(key -> values.containsKey(key) ? cell(key, values.get(key)) : "")
                .toList();
    }

    /** Columns of nothing but numbers stand to the right. */
    private static List<String> table(List<String> titles, List<List<String>> rows) {
        StringBuilder alignment = new StringBuilder();
        for (int i = 0; i < titles.size(); i++) {
            int column = i;
            boolean numbers = rows.stream()
                    .map(row -> row.get(column))
                    .allMatch(cell -> cell.isEmpty() || cell.matches("-|-?[0-9][0-9,]*([.][0-9]+)?"));
            alignment.append(numbers && column > 0 ? 'r' : 'l');
        }
        TextTable table = new TextTable(alignment.toString(), titles.toArray(String[]::new));
        rows.forEach(row -> table.row(row.toArray(String[]::new)));
        return table.lines();
    }

    private static boolean isRecord(Object value) {
        return value instanceof Map<?, ?> map
                && !map.isEmpty()
                && map.values().stream().allMatch(ReportText::isSingle);
    }

    /** Whether it is told in one cell; collections are only where there is nothing in them. */
    private static boolean isSingle(Object value) {
        return switch (value) {
            case Map<?, ?> map -> map.isEmpty();
            case Collection<?> items -> items.isEmpty();
            case null, default -> true;
        };
    }

    private static String cell(Object key, Object value) {
        return switch (value) {
            case null -> "-";
            case Map<?, ?> _, Collection<?> _ -> "-";
            case Number number -> isPort(text(key)) ? number.toString() : number(number);
            default -> text(value);
        };
    }

    /** Ports are names that happen to be numbers. */
    private static boolean isPort(String key) {
        return key.equals("port") || key.endsWith("-port");
    }

    private static String number(Number number) {
        DecimalFormat format = new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(Locale.ROOT));
        format.setRoundingMode(RoundingMode.HALF_UP);
        return format.format(number);
    }

    private static String text(Object value) {
        return Logging.printable(String.valueOf(value).replace('\n', ' '));
    }
}
