// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.cli.RawTerminal.Key;
import io.ptnetmap.nfv.node.model.FunctionAccount;
import io.ptnetmap.nfv.node.model.FunctionState;
import io.ptnetmap.nfv.node.model.Statistics;
import io.ptnetmap.nfv.node.model.Timing;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.HopBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The screen of {@code nfv top}: what it shows, for any size. */
final class TopView {
    private static final String BOLD = "\u001b[1m";
    private static final String INVERSE = "\u001b[7m";
    private static final String PLAIN = "\u001b[0m";
    private static final int SHORTEST_NAME = 14;
    private static final int LONGEST_NAME = 32;
    private static final int SHORTEST_DROPS = 14;
    private static final int USUAL_DROPS = 20;
    private static final int WIDE = 100;
    private static final int FRAME_LINES = 3;

    private static final int INTERVALS_KEPT = 5;

    private final String node;
    private final Duration interval;
    private final Map<String, Chain> chains = new TreeMap<>();
    private Order order = Order.CHAIN;
    private boolean reversed;
    private boolean paused;
    private int scrolled;

    /** By what the rows are ordered; as the chains are, or by a column. */
    enum Order {
        CHAIN(Comparator.comparing((Row _) -> 0)),
        NAME(Comparator.comparing(Row::name)),
        RATE(Comparator.comparingDouble(Row::rate).reversed()),
        BITS(Comparator.comparingDouble(Row::bits).reversed()),
        LATENCY(Comparator.comparingLong(Row::latencyNanos).reversed()),
        LINK(Comparator.comparingDouble(Row::occupancy).reversed()),
        PACKETS(Comparator.comparingLong((Row row) -> LiveView.packets(row.hop()))
                .reversed()),
        DROPS(Comparator.comparingDouble(Row::dropRate).reversed());

        private final Comparator<Row> comparator;

        Order(Comparator<Row> comparator) {
            this.comparator = comparator;
        }
    }

    /** Two looks at a chain; for rates. */
    private record Chain(
            ChainSnapshot before,
            ChainSnapshot now,
            Instant time,
            Map<String, FunctionState> states,
            Map<String, Long> latencies) {
        /** Endless where no time has passed, in which nothing can have come. */
        double seconds() {
            long nanos = now.elapsedNanos() - before.elapsedNanos();
            return nanos > 0 ? nanos / 1e9 : Double.POSITIVE_INFINITY;
        }

        String heading() {
            boolean stopped = !states.isEmpty() && states.values().stream().allMatch(FunctionState.STOPPED::equals);
            return now.chain() + (stopped ? "  stopped after " : "  ") + Figures.time(now.elapsedNanos());
        }

        List<Row> rows() {
            Map<String, Hop> earlier = before.hops().stream().collect(Collectors.toMap(Hop::name, Function.identity()));
            return now.hops().stream()
                    .map(hop -> new Row(
                            now.chain(),
                            hop,
                            Optional.ofNullable(earlier.get(hop.name())),
                            Optional.ofNullable(states.get(hop.name())),
                            latencies.getOrDefault(hop.name(), -1L),
                            seconds()))
                    .toList();
        }
    }

    /** A function, and what it was at the look before. */
    private record Row(
            String chain,
            Hop hop,
            Optional<Hop> before,
            Optional<FunctionState> state,
            long latencyNanos,
            double seconds) {
        String name() {
            return chain + "/" + hop.name();
        }

        private double perSecond(Function<Hop, Long> counter) {
            return Math.max(0, counter.apply(hop) - before.map(counter).orElse(0L)) / seconds;
        }

        double rate() {
            return perSecond(LiveView::packets);
        }

        double bits() {
            return 8 * perSecond(LiveView::bytes);
        }

        double dropRate() {
            return perSecond(Hop::dropped);
        }

        double occupancy() {
            return hop.link().slots() == 0
                    ? -1
                    : (double) hop.link().used() / hop.link().slots();
        }

        String latency() {
            return latencyNanos < 0 ? "" : Figures.time(latencyNanos);
        }

        String link() {
            return Figures.occupancy(hop.link().used(), hop.link().slots());
        }

        /** Causes with their rates, or with their counts where nothing is dropped at present. */
        String drops() {
            String rates = hop.drops().keySet().stream()
                    .filter(cause -> perSecond(some -> some.drops().getOrDefault(cause, 0L)) > 0)
                    .map(cause -> cause + " "
                            + Figures.rate(perSecond(some -> some.drops().getOrDefault(cause, 0L)), "pps"))
                    .collect(Collectors.joining(", "));
            return rates.isEmpty() ? LiveView.drops(hop) : rates;
        }

        /** What is not as it should be. */
        String trouble() {
            return state.filter(now -> now != FunctionState.RUNNING && now != FunctionState.STOPPED)
                    .map(now -> " (" + Documents.word(now) + ")")
                    .orElse("");
        }
    }

    /**
     * A column.
     *
     * @param order that it stands for
     * @param width of its cells
     * @param from how wide the screen must be for it
     * @param below at which width another one takes its place
     */
    private record Column(Order order, int width, int from, int below, Function<Row, String> cell) {
        boolean fits(int columns) {
            return columns >= from && columns < below;
        }
    }

    private static final List<Column> COLUMNS = List.of(
            new Column(Order.RATE, 9, 0, Integer.MAX_VALUE, row -> Figures.rate(row.rate(), "pps")),
            new Column(Order.BITS, 11, 64, Integer.MAX_VALUE, row -> Figures.rate(row.bits(), "bit/s")),
            new Column(Order.LATENCY, 8, 90, Integer.MAX_VALUE, Row::latency),
            new Column(Order.LINK, 10, 50, WIDE, row -> row.link().replaceFirst("] .*", "]")),
            new Column(Order.LINK, 20, WIDE, Integer.MAX_VALUE, Row::link),
            new Column(Order.PACKETS, 16, WIDE, Integer.MAX_VALUE, row -> Figures.count(LiveView.packets(row.hop()))));

    /**
     * @param node its address
     * @param interval between two looks at a chain
     */
    TopView(String node, Duration interval) {
        this.node = node;
        this.interval = interval;
    }

    /** Whether there is no chain to be seen. */
    boolean isEmpty() {
        return chains.isEmpty();
    }

    /** Chains are gone, all of them; while paused, they are still shown. */
    void forget() {
        if (!paused) {
            chains.clear();
        }
    }

    /** Takes the accounts of a chain; while paused, they are not shown. */
    void add(Statistics statistics) {
        if (!paused) {
            ChainSnapshot now = snapshot(statistics);
            // Of a chain that has stopped the time stands still; one that has been made anew begins with nothing.
            ChainSnapshot before = Optional.ofNullable(chains.get(now.chain()))
                    .map(Chain::now)
                    .filter(earlier -> earlier.elapsedNanos() <= now.elapsedNanos())
                    .orElse(new ChainSnapshot(now.chain(), 0, List.of()));
            Map<String, FunctionState> states = new HashMap<>();
            statistics.functions().forEach(function -> states.put(function.name(), function.state()));
            chains.put(now.chain(), new Chain(before, now, statistics.time(), states, latencies(statistics)));
            // Chains that are gone are not told of any more.
            Instant past = statistics.time().minus(interval.multipliedBy(INTERVALS_KEPT));
            chains.values().removeIf(chain -> chain.time().isBefore(past));
        }
    }

    /** Of the functions by name: the time that 99 % of packets are not above, from where they come into the chain to the function. */
    private static Map<String, Long> latencies(Statistics statistics) {
        Map<String, Long> latencies = new HashMap<>();
        statistics
                .links()
                .forEach(link -> link.forward()
                        .latencyNanos()
                        .flatMap(Timing::recent)
                        .ifPresent(recent ->
                                latencies.put(link.name().substring(link.name().indexOf("..") + 2), recent.p99())));
        return latencies;
    }

    /** The accounts in the form that all views of chains share. */
    static ChainSnapshot snapshot(Statistics statistics) {
        Map<String, ChainSnapshot.Link> links = statistics.links().stream()
                .collect(Collectors.toMap(
                        link -> link.name().substring(link.name().indexOf("..") + 2),
                        link -> new ChainSnapshot.Link(link.kind(), link.slots(), link.used()),
                        (one, _) -> one));
        return new ChainSnapshot(
                statistics.chain(),
                statistics.elapsedNanos(),
                statistics.functions().stream()
                        .map(function -> hop(function, Optional.ofNullable(links.get(function.name()))))
                        .toList());
    }

    private static Hop hop(Statistics.FunctionCount function, Optional<ChainSnapshot.Link> link) {
        FunctionAccount account = function.account();
        HopBuilder hop = new HopBuilder(function.name(), function.type())
                .received(account.received(), account.receivedBytes())
                .created(account.created())
                .sent(account.sent(), account.sentBytes())
                .consumed(account.consumed())
                .drops(account.drops());
        link.ifPresent(hop::behind);
        return hop.build();
    }

    /** Does what a key says, except for ending. */
    void key(Key key) {
        Order[] orders = Order.values();
        switch (key) {
            case LEFT -> order = orders[(order.ordinal() + orders.length - 1) % orders.length];
            case RIGHT -> order = orders[(order.ordinal() + 1) % orders.length];
            case REVERSE -> reversed = !reversed;
            case PAUSE -> paused = !paused;
            case UP -> scrolled--;
            case DOWN -> scrolled++;
            case PAGE_UP -> scrolled -= 10;
            case PAGE_DOWN -> scrolled += 10;
            case HOME -> scrolled = 0;
            case END -> scrolled = Integer.MAX_VALUE / 2;
            case QUIT -> {}
        }
    }

    /**
     * The lines of a screen, as many as it has rows at most.
     *
     * @param note to be shown in the first line or, where there is no chain, in their place
     */
    List<String> lines(int columns, int rows, String note) {
        List<Column> shown =
                COLUMNS.stream().filter(column -> column.fits(columns)).toList();
        int taken = shown.stream().mapToInt(column -> column.width() + 2).sum();
        int name = Math.clamp(columns - taken - USUAL_DROPS - 2, SHORTEST_NAME, LONGEST_NAME);
        int drops = columns - name - taken - 2;
        if (drops < SHORTEST_DROPS) {
            drops = 0;
            name = Math.clamp(columns - taken, SHORTEST_NAME, LONGEST_NAME);
        }
        List<String> body = isEmpty() ? wrap(note, columns) : body(shown, name, drops, columns);
        int room = Math.max(0, rows - FRAME_LINES);
        scrolled = Math.clamp(scrolled, 0, Math.max(0, body.size() - room));
        List<String> lines = new ArrayList<>();
        lines.add(fit(heading(isEmpty() ? "" : note), columns));
        lines.add(INVERSE + pad(titles(shown, name, drops > 0), columns) + PLAIN);
        lines.addAll(body.subList(scrolled, Math.min(body.size(), scrolled + room)));
        lines.add(fit(
                "arrows: order (" + Documents.word(order) + "), scroll  r: reverse  space: pause  q: quit", columns));
        return lines.subList(0, Math.min(lines.size(), Math.max(1, rows)));
    }

    private String heading(String note) {
        List<Row> all = all();
        double in = chains.values().stream()
                .flatMap(chain -> chain.rows().stream().limit(1))
                .mapToDouble(Row::rate)
                .sum();
        double dropped = all.stream().mapToDouble(Row::dropRate).sum();
        // The address comes last: it is what a narrow screen may cut.
        return "nfv top  " + Figures.count(chains.size(), "chain") + "  " + Figures.rate(in, "pps") + " in  "
                + Figures.rate(dropped, "pps") + " dropped  " + (paused ? "paused  " : "")
                + (note.isEmpty() ? "" : note + "  ") + node;
    }

    private List<Row> all() {
        return chains.values().stream().flatMap(chain -> chain.rows().stream()).toList();
    }

    private String titles(List<Column> shown, int name, boolean drops) {
        StringBuilder line = new StringBuilder(pad(title(order == Order.CHAIN ? Order.CHAIN : Order.NAME), name));
        shown.forEach(column -> line.append("  ").append(cell(column, title(column.order()))));
        return drops ? line + "  " + title(Order.DROPS) : line.toString();
    }

    private String title(Order column) {
        return column.name() + (column == order ? reversed ? "^" : "v" : "");
    }

    private List<String> body(List<Column> shown, int name, int drops, int columns) {
        if (order != Order.CHAIN) {
            Comparator<Row> comparator = reversed ? order.comparator.reversed() : order.comparator;
            return all().stream()
                    .sorted(comparator)
                    .map(row -> line(row, row.name(), shown, name, drops))
                    .toList();
        }
        List<Chain> inOrder = new ArrayList<>(chains.values());
        return (reversed ? inOrder.reversed() : inOrder)
                .stream()
                        .flatMap(chain -> Stream.concat(
                                Stream.of(BOLD + fit(chain.heading(), columns) + PLAIN),
                                chain.rows().stream()
                                        .map(row -> line(row, "  " + row.hop().name(), shown, name, drops))))
                        .toList();
    }

    private static String line(Row row, String title, List<Column> shown, int name, int drops) {
        StringBuilder line = new StringBuilder(pad(fit(title + row.trouble(), name), name));
        shown.forEach(
                column -> line.append("  ").append(cell(column, column.cell().apply(row))));
        return (drops == 0 ? line.toString() : line + "  " + fit(row.drops(), drops)).stripTrailing();
    }

    private static String cell(Column column, String text) {
        return column.order() == Order.LINK ? pad(text, column.width()) : padLeft(text, column.width());
    }

    /** The text, cut where it has to be. */
    private static String fit(String text, int width) {
        return text.length() <= width ? text : text.substring(0, Math.max(0, width - 1)) + "~";
    }

    /** The text, in as many lines as it takes. */
    private static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int blank = rest.lastIndexOf(' ', width);
            int end = blank > 0 ? blank : width;
            lines.add(rest.substring(0, end));
            rest = rest.substring(end).strip();
        }
        lines.add(rest);
        return lines;
    }

    private static String pad(String text, int width) {
        String cut = fit(text, width);
        return cut + " ".repeat(Math.max(0, width - cut.length()));
    }

    private static String padLeft(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + fit(text, width);
    }
}
