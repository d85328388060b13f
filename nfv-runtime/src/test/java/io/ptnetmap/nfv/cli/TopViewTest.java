// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.cli.RawTerminal.Key;
import io.ptnetmap.nfv.node.model.FunctionAccount;
import io.ptnetmap.nfv.node.model.FunctionState;
import io.ptnetmap.nfv.node.model.Statistics;
import io.ptnetmap.nfv.node.model.Timing;
import io.ptnetmap.nfv.telemetry.HopBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TopViewTest {
    private static final Instant BEGINNING = Instant.parse("2026-01-02T03:04:05Z");

    private static final Timing TIMING = new Timing(
            20,
            20_000_000,
            Optional.of(new Timing.Percentiles(10, 900_000, 1_000_000, 1_230_000, 1_300_000, 1_400_000)));

    private final TopView view = new TopView("http://127.0.0.1:8470", Duration.ofSeconds(1));

    /** A chain that runs since so many seconds. */
    private static Statistics after(int seconds, String chain, long rate, FunctionState gate) {
        long packets = rate * seconds;
        long dropped = packets / 4;
        return new Statistics(
                chain,
                BEGINNING.plusSeconds(seconds),
                seconds * 1_000_000_000L,
                List.of(
                        function(
                                "source",
                                FunctionState.RUNNING,
                                counted -> counted.created(packets).sent(packets, packets * 125)),
                        function(
                                "gate",
                                gate,
                                counted -> counted.received(packets, packets * 125)
                                        .sent(packets - dropped, 0)
                                        .drops(Map.of("no-rule", dropped))),
                        function(
                                "sink",
                                FunctionState.RUNNING,
                                counted ->
                                        counted.received(packets - dropped, 0).consumed(packets - dropped))),
                List.of(
                        new Statistics.LinkCount(
                                "source..gate",
                                "pipe",
                                1024,
                                384,
                                new Statistics.Flow(0, 0, Optional.empty(), Optional.of(TIMING)),
                                Statistics.Flow.NONE),
                        new Statistics.LinkCount(
                                "gate..sink", "call", 0, 0, Statistics.Flow.NONE, Statistics.Flow.NONE)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static Statistics.FunctionCount function(
            String name, FunctionState state, UnaryOperator<HopBuilder> count) {
        FunctionAccount account =
                FunctionAccount.of(count.apply(new HopBuilder(name, name)).build());
        return new Statistics.FunctionCount(name, name, state, account, Optional.empty());
    }

    /** A chain that has run for two seconds. */
    private static Statistics stopped(String chain) {
        Statistics last = after(2, chain, 4000, FunctionState.STOPPED);
        return new Statistics(
                chain,
                last.time(),
                last.elapsedNanos(),
                last.functions().stream()
                        .map(function -> new Statistics.FunctionCount(
                                function.name(),
                                function.type(),
                                FunctionState.STOPPED,
                                function.account(),
                                Optional.empty()))
                        .toList(),
                last.links(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private void run(int seconds) {
        for (int second = 1; second <= seconds; second++) {
            view.add(after(second, "edge", 1_000_000, FunctionState.RUNNING));
            view.add(after(second, "core", 4000, FunctionState.QUARANTINED));
        }
    }

    /** The screen with titles, rows and help, without what makes it bold or inverse. */
    private String screen(int columns, int rows) {
        return screen(columns, rows, "");
    }

    private String screen(int columns, int rows, String note) {
        return view.lines(columns, rows, note).stream()
                .map(line -> line.replaceAll("\u001b\\[[0-9]*m", "").stripTrailing())
                .collect(Collectors.joining("\n", "", "\n"));
    }

    @Test
    void chainsAreShownInTheirOrder() {
        run(2);
        assertEquals("""
                nfv top  2 chains  1.00 Mpps in  251 kpps dropped  http://127.0.0.1:8470
                CHAINv                       RATE         BITS  LINK        DROPS
                core  2.00 s
                  source                   4 kpps     4 Mbit/s
                  gate (quarantined)       4 kpps     4 Mbit/s  [###-----]  no-rule 1 kpps
                  sink                     3 kpps      0 bit/s
                edge  2.00 s
                  source                   1 Mpps     1 Gbit/s
                  gate                     1 Mpps     1 Gbit/s  [###-----]  no-rule 250 kpps
                  sink                   750 kpps      0 bit/s
                arrows: order (chain), scroll  r: reverse  space: pause  q: quit
                """, screen(80, 20));
    }

    @Test
    void arrowsChooseTheOrder() {
        run(2);
        view.key(Key.RIGHT);
        view.key(Key.RIGHT);
        List<String> lines = screen(80, 20).lines().toList();
        assertTrue(lines.get(1).matches("NAME +RATEv +BITS +LINK +DROPS"), lines.get(1));
        assertTrue(lines.get(2).startsWith("edge/source "), lines::toString);
        assertTrue(lines.get(4).startsWith("edge/sink "), lines::toString);
        view.key(Key.REVERSE);
        lines = screen(80, 20).lines().toList();
        assertTrue(lines.get(1).contains("RATE^"), lines.get(1));
        assertTrue(lines.get(2).startsWith("core/sink "), lines::toString);
        view.key(Key.LEFT);
        view.key(Key.LEFT);
        assertTrue(screen(80, 20).contains("CHAIN^"), () -> screen(80, 20));
    }

    @Test
    void everyLineFitsAnyScreen() {
        run(3);
        for (Key order : new Key[] {Key.PAUSE, Key.RIGHT, Key.RIGHT}) {
            view.key(order);
            for (int columns = 20; columns <= 200; columns++) {
                for (int rows = 1; rows < 14; rows++) {
                    List<String> lines = screen(columns, rows).lines().toList();
                    assertTrue(lines.size() <= rows, lines::toString);
                    for (String line : lines) {
                        assertTrue(line.length() <= Math.max(columns, 25), columns + ": " + line);
                    }
                }
            }
        }
    }

    @Test
    void narrowScreensShowLessAndWideOnesMore() {
        run(3);
        assertTrue(screen(40, 20).contains("  gate (quarantined)              4 kpps\n"), () -> screen(40, 20));
        assertTrue(screen(20, 20).contains("  gate (quara~     4 kpps\n"), () -> screen(20, 20));
        assertTrue(
                screen(120, 20).contains("   1.23 ms  [###-----] 384/1024             12,000  no-rule 1 kpps\n"),
                () -> screen(120, 20));
    }

    @Test
    void rowsAreOrderedByLatency() {
        run(3);
        for (Key key : new Key[] {Key.RIGHT, Key.RIGHT, Key.RIGHT, Key.RIGHT}) {
            view.key(key);
        }
        List<String> lines = screen(120, 20).lines().toList();
        assertTrue(lines.get(1).contains("LATENCYv"), lines::toString);
        assertTrue(lines.get(2).contains("/gate") && lines.get(3).contains("/gate"), lines::toString);
    }

    @Test
    void whatHasNoRoomIsScrolledTo() {
        run(2);
        assertTrue(screen(80, 5).contains("core  2.00 s\n  source"));
        view.key(Key.DOWN);
        assertTrue(screen(80, 5).contains("  source ") && !screen(80, 5).contains("core  2.00 s"));
        view.key(Key.END);
        assertTrue(screen(80, 5).contains("  sink  "), () -> screen(80, 5));
        view.key(Key.PAGE_UP);
        view.key(Key.UP);
        assertTrue(screen(80, 5).contains("core  2.00 s\n"), () -> screen(80, 5));
    }

    @Test
    void manyChainsAreShownAsFarAsThereIsRoom() {
        for (int second = 1; second <= 2; second++) {
            for (int chain = 0; chain < 30; chain++) {
                view.add(after(second, "chain-%02d".formatted(chain), 1_000_000, FunctionState.RUNNING));
            }
        }
        for (int[] size : new int[][] {{80, 24}, {200, 50}}) {
            view.key(Key.HOME);
            List<String> lines = screen(size[0], size[1]).lines().toList();
            assertEquals(size[1], lines.size());
            assertTrue(
                    lines.getFirst().matches("nfv top  30 chains  30.* Mpps in  7[.]5.* Mpps dropped  http.*"),
                    lines.getFirst());
            assertTrue(lines.get(2).startsWith("chain-00  "), String.join("\n", lines));
            assertTrue(lines.getLast().endsWith("q: quit"), String.join("\n", lines));
            view.key(Key.END);
            lines = screen(size[0], size[1]).lines().toList();
            assertTrue(lines.get(size[1] - 2).startsWith("  sink "), String.join("\n", lines));
            assertTrue(lines.get(size[1] - 5).startsWith("chain-29  "), String.join("\n", lines));
        }
    }

    @Test
    void whatIsNotedIsReadAlsoWhereTheAddressIsCut() {
        run(2);
        String heading = view.lines(80, 20, "no news for 12 s").getFirst();
        assertTrue(heading.contains(" dropped  no news for 12 s  http://"), heading);
        assertEquals(80, heading.length());
    }

    @Test
    void withoutChainsItIsSaidWhy() {
        assertTrue(view.isEmpty());
        String head = """
                nfv top  0 chains  0 pps in  0 pps dropped  http://127.0.0.1:8470
                CHAINv                       RATE         BITS  LINK        DROPS
                """;
        String foot = "arrows: order (chain), scroll  r: reverse  space: pause  q: quit\n";
        String noChains = "no chains so far; nfv apply -f FILE creates one";
        assertEquals(head + noChains + "\n" + foot, screen(80, 24, noChains));
        run(2);
        view.forget();
        assertTrue(view.isEmpty());
        assertEquals(
                head
                        + "no node answers at http://127.0.0.1:8470: Connection refused: /127.0.0.1:8470;\ntried again each second\n"
                        + foot,
                screen(
                        80,
                        24,
                        "no node answers at http://127.0.0.1:8470: Connection refused: /127.0.0.1:8470; tried again each second"));
        for (int columns = 5; columns < 100; columns++) {
            for (String line : screen(columns, 24, noChains).lines().skip(2).toList()) {
                assertTrue(line.length() <= columns, columns + ": " + line);
            }
        }
    }

    @Test
    void aPausedScreenStays() {
        run(2);
        view.key(Key.PAUSE);
        view.add(after(3, "edge", 9, FunctionState.RUNNING));
        view.forget();
        assertTrue(screen(80, 20).contains("edge  2.00 s"));
        assertTrue(screen(100, 20).lines().findFirst().orElse("").contains(" dropped  paused  http"));
    }

    @Test
    void aChainThatIsGoneIsForgotten() {
        run(1);
        for (int second = 2; second < 9; second++) {
            view.add(after(second, "edge", 10, FunctionState.RUNNING));
        }
        assertTrue(screen(80, 20).startsWith("nfv top  1 chain  "), () -> screen(80, 20));
    }

    @Test
    void aChainThatHasStoppedDoesNothing() {
        run(1);
        for (int look = 0; look < 3; look++) {
            view.add(after(2, "core", 4000, FunctionState.RUNNING));
        }
        assertTrue(
                screen(80, 20).contains("core  2.00 s\n  source                    0 pps      0 bit/s\n"),
                () -> screen(80, 20));
        view.add(stopped("core"));
        assertTrue(screen(80, 20).contains("core  stopped after 2.00 s\n"), () -> screen(80, 20));
    }

    @Test
    void ratesAreThoseSinceTheLastLook() {
        view.add(after(1, "edge", 100, FunctionState.RUNNING));
        view.add(after(2, "edge", 1000, FunctionState.RUNNING));
        assertTrue(screen(80, 20).contains("  source                1.90 kpps  1.90 Mbit/s\n"), () -> screen(80, 20));
    }
}
