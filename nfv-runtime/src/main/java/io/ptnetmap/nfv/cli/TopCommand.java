// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.cli.RawTerminal.Key;
import io.ptnetmap.nfv.cli.RawTerminal.Size;
import io.ptnetmap.nfv.node.model.Statistics;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "top",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the chains of a node at work: rates, how full rings are, drops by cause.",
            "",
            "On a terminal: arrows left and right choose the order, up and down scroll, r reverses, space pauses, q quits."
                    + " Elsewhere: a line for each chain and interval.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {"  nfv top", "  nfv top edge --interval 500ms", "  nfv top -n 10 > ten-lines.txt"})
final class TopCommand implements Callable<Integer> {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final long LOOK_MILLIS = 100;
    /** What is told where there are only lines. */
    private static final Set<ChainWatch.Condition> TOLD =
            EnumSet.of(ChainWatch.Condition.NO_CHAINS, ChainWatch.Condition.NO_ANSWER);

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAIN", arity = "0..1", description = "Only this chain.")
    private Optional<String> chain;

    @Option(
            names = {"-d", "--interval"},
            paramLabel = "TIME",
            defaultValue = "1s",
            description = "Time between two looks, from 100ms to 60s. Default: ${DEFAULT-VALUE}.")
    private Duration interval;

    @Option(
            names = {"-n", "--iterations"},
            paramLabel = "N",
            description = "End after this many looks at each chain.")
    private Optional<Integer> iterations;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException, IOException {
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new ParameterException(spec.commandLine(), "--interval: write a time from 100ms to 60s");
        }
        ToolFailures.requireSome(spec, "--iterations", iterations);
        try (NodeSession session = node.connect()) {
            if (chain.isPresent()) {
                ResourceQuery.one(session, Resource.CHAINS, Optional.empty(), chain.get());
            }
            Optional<RawTerminal> terminal = RawTerminal.open();
            if (terminal.isPresent()) {
                try (RawTerminal screen = terminal.get()) {
                    onScreen(session, screen);
                }
            } else {
                asLines(session);
            }
        }
        return ExitCodes.OK;
    }

    private void onScreen(NodeSession session, RawTerminal screen) throws InterruptedException, IOException {
        TopView view = new TopView(node.address().toString(), interval);
        Map<String, Integer> looks = new HashMap<>();
        Size drawn = new Size(0, 0);
        String told = "";
        try (ChainWatch watch = new ChainWatch(session, chain, interval)) {
            while (true) {
                Optional<Key> key = screen.key();
                if (key.filter(pressed -> pressed == Key.QUIT).isPresent()) {
                    return;
                }
                key.ifPresent(view::key);
                boolean news = false;
                for (Optional<Statistics> next = watch.next(0); next.isPresent(); next = watch.next(0)) {
                    view.add(next.get());
                    looks.merge(next.get().chain(), 1, Integer::sum);
                    news = true;
                }
                if (watch.condition() == ChainWatch.Condition.NO_CHAINS) {
                    view.forget();
                }
                String note = note(watch, view.isEmpty());
                Size size = screen.size();
                if (news || !note.equals(told) || key.isPresent() || !size.equals(drawn)) {
                    screen.draw(view.lines(size.columns(), size.rows(), note));
                    drawn = size;
                    told = note;
                }
                if (iterations.isPresent() && looks.values().stream().anyMatch(count -> count >= iterations.get())) {
                    return;
                }
            }
        }
    }

    /** Why nothing new is shown: in full where there is nothing else, else in few words. */
    private static String note(ChainWatch watch, boolean alone) {
        return watch.condition() == ChainWatch.Condition.NO_ANSWER && !alone
                ? "no answer for " + watch.silence().toSeconds() + " s"
                : watch.reason();
    }

    private void asLines(NodeSession session) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, LiveView> views = new HashMap<>();
        Map<String, Integer> looks = new HashMap<>();
        int expected =
                chain.isPresent() ? 1 : session.get(client -> client.chains()).size();
        ChainWatch.Condition told = ChainWatch.Condition.NEWS;
        try (ChainWatch watch = new ChainWatch(session, chain, interval)) {
            while (!out.checkError()) {
                Optional<Statistics> next = watch.next(LOOK_MILLIS);
                if (next.isPresent()) {
                    String name = next.get().chain();
                    // Whoever comes once more has waited for those that are left, if others are gone.
                    if (looks.merge(name, 1, Integer::sum) > iterations.orElse(Integer.MAX_VALUE)) {
                        return;
                    }
                    LiveView view = views.computeIfAbsent(name, _ -> new LiveView(out, false));
                    out.println(view.line(TopView.snapshot(next.get())));
                    if (looks.size() >= expected && enough(looks)) {
                        return;
                    }
                } else if (watch.condition() != told && TOLD.contains(watch.condition())) {
                    spec.commandLine().getErr().println("nfv: " + watch.reason());
                }
                told = watch.condition();
            }
        }
    }

    private boolean enough(Map<String, Integer> looks) {
        return iterations.isPresent() && looks.values().stream().allMatch(count -> count >= iterations.get());
    }
}
