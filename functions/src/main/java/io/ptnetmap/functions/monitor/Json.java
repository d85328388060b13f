// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps of names to numbers, maps and plain strings as JSON. */
final class Json {
    private Json() {}

    /** One line. Strings must not need escapes: names, addresses and times do not. */
    static String of(Object value) {
        return switch (value) {
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .map(entry -> "\"" + entry.getKey() + "\":" + of(entry.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
            case Number number -> number.toString();
            default -> "\"" + value + "\"";
        };
    }
}
