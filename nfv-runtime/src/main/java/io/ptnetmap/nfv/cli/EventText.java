// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.LogLine;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Locale;

/** Events and lines of logs for people, a line each, in this place's time. */
final class EventText {
    private EventText() {}

    /** {@code 2026-01-02 03:04:05.678  chain-state  edge/firewall  message}. */
    static String line(Event event) {
        String what = event.chain().orElse("")
                + event.function().map(name -> "/" + name).orElse("");
        String details = event.data()
                .filter(data -> !data.isEmpty())
                .map(Object::toString)
                .orElse("");
        return Logging.printable(String.join(
                        "  ",
                        time(event.time()),
                        String.format("%-20s", Documents.word(event.type())),
                        what,
                        event.message().orElse(details))
                .stripTrailing());
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
