// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.nfv.bench.ControlTraffic.Kind;
import io.ptnetmap.nfv.bench.ControlTraffic.Request;
import io.ptnetmap.nfv.options.HomeOption;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "control",
        description = {
            "Measures what control traffic costs the data path.",
            "",
            "Starts 'nfv node' with a chain at full rate, " + EndlessChain.FUNCTIONS + " on one worker, which has a "
                    + "processor for itself; the rest of the node and those who ask it share the other. Rounds without anybody's asking "
                    + "and rounds with control traffic take turns: polling of statistics, functions, links, chain and node, a "
                    + "dashboard's events, a scrape of the metrics and a changed configuration each second. The cost is that of each "
                    + "round against the quiet one before it. Processors share caches and more, so whatever one does may slow the other: "
                    + "in some rounds a program that has nothing to do with the node keeps its processor as busy. Time in which other "
                    + "processes had the worker's processor does not count; time in which Java had stopped the worker does.",
            ""
        })
final class ControlCommand extends ScenarioCommand {
    private static final Metric RATE = new Metric("packets", "Mpps");
    private static final Metric COST = new Metric("cost", "% of the packets", false);
    private static final Metric BEYOND = new Metric("cost beyond other work's", "% of the packets", false);
    private static final Metric STOPPED = new Metric("worker stopped", "% of the time", false);
    private static final Metric PROCESSOR = new Metric("control plane", "% of a processor", false);
    private static final Metric MEDIAN = new Metric("answers to polling, p50", "ms", false);
    private static final Metric SLOW = new Metric("answers to polling, p99", "ms", false);
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int PERCENT = 100;

    @Option(
            names = "--polls",
            paramLabel = "COUNT",
            defaultValue = "50",
            description = "Requests of the polling each second. Default: ${DEFAULT-VALUE}.")
    private int polls;

    @Option(
            names = "--chains",
            paramLabel = "COUNT",
            defaultValue = "0",
            description = "Chains of " + MeasuredNode.FUNCTIONS
                    + " functions each, at 100 packets a second, beside the one at full "
                    + "rate; polling asks for all of them in turn. Default: ${DEFAULT-VALUE}.")
    private int chains;

    @Option(
            names = "--millis",
            paramLabel = "COUNT",
            defaultValue = "3000",
            description = "How long each round takes. Default: ${DEFAULT-VALUE}.")
    private int millis;

    @Option(
            names = "--each",
            description = "Measure also polling by itself, and events, scrapes and changes each beside it, in rounds of their own.")
    private boolean each;

    @Mixin
    private HomeOption home = new HomeOption();

    private Path launcher;
    /** Of the processor of all else, how much was in use when last all was asked for. */
    private double busy = 0.3;
    /** Packets of the last round of others, Mpps. */
    private double quiet;

    private double besideOthers;

    @Override
    Map<String, Object> parameters() {
        requireRange("--polls", polls, 1, 10_000);
        requireRange("--chains", chains, 0, 900);
        requireRange("--millis", millis, 100, 600_000);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("polls", polls);
        parameters.put("chains", chains);
        parameters.put("milliseconds", millis);
        return parameters;
    }

    @Override
    Map<String, String> prepare() throws IOException {
        Tool.require("taskset", "util-linux");
        launcher = home.launcher();
        return Map.of();
    }

    @Override
    void measure(Session session) throws IOException {
        List<Integer> cpus = Machine.pair();
        try (BenchDirectory directory = new BenchDirectory();
                MeasuredNode node =
                        new MeasuredNode(launcher, directory.path(), cpus.getFirst(), cpus.getLast(), chains)) {
            ControlTraffic traffic = new ControlTraffic(node, cpus.getLast(), polls, chains);
            List<Metric> metrics = new ArrayList<>(List.of(RATE, COST, BEYOND, STOPPED, PROCESSOR, MEDIAN, SLOW));
            for (Request request : Request.values()) {
                metrics.add(new Metric(request + " answered, p99", "ms", false));
            }
            session.measure(new Variant(Map.of(), metrics, contenders(node, traffic, cpus.getLast())));
            node.requireBalance();
        }
    }

    private List<Contender> contenders(MeasuredNode node, ControlTraffic traffic, int cpu) {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender("no control traffic", () -> {
            double[] figures = round(node, nanos -> traffic.run(List.of(), nanos));
            quiet = figures[0];
            figures[1] = Metric.NONE;
            figures[2] = Metric.NONE;
            return figures;
        }));
        String json = node.statistics();
        contenders.add(new Contender("other work", () -> {
            double[] figures = round(node, nanos -> {
                OtherWork.run(cpu, busy, nanos, json);
                return traffic.run(List.of(), 0);
            });
            besideOthers = figures[0];
            figures[2] = Metric.NONE;
            return figures;
        }));
        if (each) {
            for (Kind kind : Kind.values()) {
                List<Kind> kinds = kind == Kind.POLLING ? List.of(kind) : List.of(Kind.POLLING, kind);
                String name = kinds.stream().map(Kind::toString).collect(Collectors.joining(", "));
                contenders.add(new Contender(name, () -> round(node, nanos -> traffic.run(kinds, nanos))));
            }
        }
        contenders.add(new Contender("all of it", () -> {
            Machine.ProcessorTime before = Machine.ProcessorTime.now(cpu);
            double[] figures = round(node, nanos -> traffic.run(List.of(Kind.values()), nanos));
            busy = Machine.ProcessorTime.now(cpu).busySince(before);
            return figures;
        }));
        return contenders;
    }

    private double[] round(MeasuredNode node, LongFunction<ControlTraffic.Answers> work) {
        long nanos = millis * 1_000_000L;
        long processor = node.controlNanos();
        MeasuredNode.Look before = node.look();
        ControlTraffic.Answers answers = work.apply(nanos);
        Patience.sleep(Math.max(0, before.nanos() + nanos - node.look().nanos()));
        MeasuredNode.Look after = node.look();
        double elapsed = after.nanos() - before.nanos();
        // What other processes took is not the node's doing.
        double own = elapsed - (after.waitNanos() - before.waitNanos());
        double rate = (after.packets() - before.packets()) * 1e3 / own;
        List<Double> figures = new ArrayList<>(List.of(
                rate,
                (1 - rate / quiet) * PERCENT,
                (1 - rate / besideOthers) * PERCENT,
                (own - (after.runNanos() - before.runNanos())) * PERCENT / own,
                (node.controlNanos() - processor) * PERCENT / elapsed,
                millis(answers.toPolling(), 50),
                millis(answers.toPolling(), 99)));
        for (Request request : Request.values()) {
            figures.add(millis(answers.to(request), 99));
        }
        return figures.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static double millis(Histogram times, double percentile) {
        return times.getTotalCount() == 0 ? Metric.NONE : times.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
    }
}
