// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.HopBuilder;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Shows a chain at work: a table that is redrawn in place on a terminal, elsewhere a line per second. */
final class LiveView {
    private static final String KEEP_LINES_WHOLE = "\u001b[?7l";
    private static final String WRAP_LINES = "\u001b[?7h";
    private static final String CLEAR_TO_END = "\u001b[J";
    private static final long LINE_INTERVAL_NANOS = 1_000_000_000L;

    private final PrintWriter out;
    private final boolean terminal;
    private ChainSnapshot previous;
    private int drawnLines;

    LiveView(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Shows a snapshot; call it twice a second. */
    void show(ChainSnapshot now) {
        if (terminal) {
            draw(table(before(now), now));
            previous = now;
        } else if (previous == null || now.elapsedNanos() - previous.elapsedNanos() >= LINE_INTERVAL_NANOS) {
            out.println(line(now));
            out.flush();
        }
    }

    /** A snapshot in one line, with rates since the one before. */
    String line(ChainSnapshot now) {
        String line = line(before(now), now);
        previous = now;
        return line;
    }

    /** What rates are measured against: the last snapshot shown, or the chain's start; with the functions of now. */
    private ChainSnapshot before(ChainSnapshot now) {
        Map<String, Hop> earlier = previous == null
                ? Map.of()
                : previous.hops().stream().collect(Collectors.toMap(Hop::name, Function.identity()));
        return new ChainSnapshot(
                now.chain(),
                previous == null ? 0 : previous.elapsedNanos(),
                now.hops().stream()
                        .map(hop -> earlier.getOrDefault(hop.name(), unused(hop)))
                        .toList());
    }

    private static Hop unused(Hop hop) {
        return new HopBuilder(hop.name(), hop.type())
                .at(hop.process(), hop.worker())
                .behind(hop.link())
                .build();
    }

    private void draw(List<String> lines) {
        StringBuilder text = new StringBuilder(KEEP_LINES_WHOLE);
        if (drawnLines > 0) {
            text.append("\u001b[").append(drawnLines).append('A');
        }
        text.append('\r').append(CLEAR_TO_END);
        lines.forEach(line -> text.append(line).append('\n'));
        out.print(text.append(WRAP_LINES));
        out.flush();
        drawnLines = lines.size();
    }

    /** One row per hop, with rates since the snapshot before. */
    static List<String> table(ChainSnapshot before, ChainSnapshot now) {
        TextTable table = new TextTable(
                "llrrrll",
                now.chain() + " " + Figures.time(now.elapsedNanos()),
                "where",
                "packets",
                "rate",
                "bits",
                "link",
                "drops");
        for (int i = 0; i < now.hops().size(); i++) {
            Hop hop = now.hops().get(i);
            Hop then = before.hops().get(i);
            double seconds = seconds(before, now);
            table.row(
                    hop.name(),
                    hop.process() + "/" + hop.worker(),
                    Figures.count(packets(hop)),
                    Figures.rate((packets(hop) - packets(then)) / seconds, "pps"),
                    Figures.rate(8 * (bytes(hop) - bytes(then)) / seconds, "bit/s"),
                    (hop.link().kind() + " "
                                    + Figures.occupancy(
                                            hop.link().used(), hop.link().slots()))
                            .strip(),
                    drops(hop));
        }
        return table.lines();
    }

    private static String line(ChainSnapshot before, ChainSnapshot now) {
        double seconds = seconds(before, now);
        StringBuilder line = new StringBuilder(now.chain()).append(' ').append(Figures.time(now.elapsedNanos()));
        for (int i = 0; i < now.hops().size(); i++) {
            Hop hop = now.hops().get(i);
            line.append(i == 0 ? ": " : ", ")
                    .append(hop.name())
                    .append(' ')
                    .append(Figures.count(packets(hop)))
                    .append(" (")
                    .append(Figures.rate((packets(hop) - packets(before.hops().get(i))) / seconds, "pps"))
                    .append(hop.dropped() == 0 ? "" : ", " + Figures.count(hop.dropped()) + " dropped")
                    .append(')');
        }
        return line.toString();
    }

    private static double seconds(ChainSnapshot before, ChainSnapshot now) {
        return Math.max(1, now.elapsedNanos() - before.elapsedNanos()) / 1e9;
    }

    /** Packets that a hop has had to do with. */
    static long packets(Hop hop) {
        return hop.received() + hop.created();
    }

    /** Bytes that a hop has had to do with. */
    static long bytes(Hop hop) {
        return Math.max(hop.receivedBytes(), hop.sentBytes());
    }

    /** Its drops by cause. */
    static String drops(Hop hop) {
        return hop.drops().entrySet().stream()
                .filter(drop -> drop.getValue() > 0)
                .map(drop -> drop.getKey() + " " + Figures.count(drop.getValue()))
                .collect(Collectors.joining(", "));
    }
}
