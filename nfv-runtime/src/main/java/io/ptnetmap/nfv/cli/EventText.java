// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.LogLine;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Events and lines of logs for people, a line each, in this place's time. */
final class EventText {
    private EventText() {}

    /** {@code 2026-01-02 03:04:05.678  chain-state  edge/firewall  message}. */
    static String line(Event event) {
        String what = event.chain().orElse("")
                + event.function().map(name -> "/" + name).orElse("");
        String details = event.data()
                .filter(data -> !data.isEmpty())
                .map(EventText::details)
                .orElse("");
        return Logging.printable(String.join(
                        "  ",
                        time(event.time()),
                        String.format("%-20s", Documents.word(event.type())),
                        what,
                        event.message().orElse(details))
                .stripTrailing());
    }

    /** {@code action apply, operation 12, state succeeded}. */
    private static String details(Map<String, Object> data) {
        return new TreeMap<>(data)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", "));
    }

    /** {@code 2026-01-02 03:04:05.678 WARN  Chains: message}. */
    static String line(LogLine line) {
        String logger = line.logger().substring(line.logger().lastIndexOf('.') + 1);
        return Logging.printable(
                String.format(Locale.ROOT, "%s %-5s %s: %s", time(line.time()), line.level(), logger, line.message()));
    }

    static String time(Instant at) {
        return String.format(Locale.ROOT, "%tF %<tT.%<tL", ZonedDateTime.ofInstant(at, ZoneId.systemDefault()));
    }
}
