// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.cli.RawTerminal.Key;
import io.ptnetmap.nfv.cli.RawTerminal.Size;
import io.ptnetmap.nfv.client.NodeStream;
import io.ptnetmap.nfv.node.model.Statistics;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
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
    private static final int SILENT_INTERVALS = 3;

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
        BlockingQueue<Statistics> arrived = new LinkedBlockingQueue<>();
        CompletableFuture<Void> failed = new CompletableFuture<>();
        long lastLook = System.nanoTime();
        Map<String, Integer> looks = new HashMap<>();
        Size drawn = new Size(0, 0);
        try (NodeStream<Statistics> stream = session.get(client -> client.statistics(chain, interval))) {
            stream.exceptionHandler(failed::completeExceptionally).handler(arrived::add);
            while (true) {
                if (failed.isDone()) {
                    NodeSession.await(Future.fromCompletionStage(failed));
                }
                Optional<Key> key = screen.key();
                if (key.filter(pressed -> pressed == Key.QUIT).isPresent()) {
                    return;
                }
                key.ifPresent(view::key);
                boolean news = false;
                for (Statistics next = arrived.poll(); next != null; next = arrived.poll()) {
                    view.add(next);
                    looks.merge(next.chain(), 1, Integer::sum);
                    lastLook = System.nanoTime();
                    news = true;
                }
                Duration silence = Duration.ofNanos(System.nanoTime() - lastLook);
                boolean silent = !view.isEmpty() && silence.compareTo(interval.multipliedBy(SILENT_INTERVALS)) > 0;
                Size size = screen.size();
                if (news || silent || key.isPresent() || !size.equals(drawn)) {
                    screen.draw(view.lines(
                            size.columns(), size.rows(), silent ? "no news for " + silence.toSeconds() + " s" : ""));
                    drawn = size;
                }
                if (iterations.isPresent() && looks.values().stream().anyMatch(count -> count >= iterations.get())) {
                    return;
                }
            }
        }
    }

    private void asLines(NodeSession session) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, LiveView> views = new HashMap<>();
        Map<String, Integer> looks = new HashMap<>();
        int expected =
                chain.isPresent() ? 1 : session.get(client -> client.chains()).size();
        session.follow(client -> client.statistics(chain, interval), (Statistics next) -> {
            LiveView view = views.computeIfAbsent(next.chain(), _ -> new LiveView(out, false));
            out.println(view.line(TopView.snapshot(next)));
            looks.merge(next.chain(), 1, Integer::sum);
            return !out.checkError() && !(looks.size() >= expected && enough(looks));
        });
    }

    private boolean enough(Map<String, Integer> looks) {
        return iterations.isPresent() && looks.values().stream().allMatch(count -> count >= iterations.get());
    }
}
