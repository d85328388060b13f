// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.nfv.bench.BenchChain.Join;
import io.ptnetmap.nfv.bench.BenchChain.Setting;
import io.ptnetmap.nfv.bench.BenchChain.Work;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "chain",
        description = {
            "Measures what each further function of a chain costs, before it does anything.",
            "",
            "Each round sends packets through chains of this process: a source that makes them, functions, and a sink that"
                    + " checks that each arrived once, in order and unchanged. Chains of several lengths take turns; what"
                    + " each function costs is the difference to the shortest, divided by the functions it has more. With --join thread"
                    + " the link between two threads is measured by itself, too.",
            ""
        })
final class ChainCommand extends ScenarioCommand {
    private static final Metric WHOLE = new Metric("whole chain", "ns/packet");
    private static final Metric ALONE = new Metric("link alone, packets not touched", "ns/packet");
    private static final Metric EACH = new Metric("each function", "ns/packet", false);
    private static final int MOST_FUNCTIONS = 64;

    @Option(
            names = "--functions-between",
            split = ",",
            paramLabel = "COUNT",
            defaultValue = "0,1,2,4,8,16",
            description = "Functions between source and sink, a list. Default: ${DEFAULT-VALUE}.")
    private List<Integer> functions;

    @Option(
            names = "--work",
            paramLabel = "WORK",
            defaultValue = "pass",
            description = "What each does: pass (nothing) or swap (the MAC addresses). Default: ${DEFAULT-VALUE}.")
    private Work work;

    @Option(
            names = "--join",
            paramLabel = "HOW",
            defaultValue = "call",
            description = "How each is joined to the next: call, pipe (on the same thread), or thread (a Disruptor to"
                    + " another thread, and with the next one back). Default: ${DEFAULT-VALUE}.")
    private Join join;

    @Mixin
    private BatchesOption batches = new BatchesOption();

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            defaultValue = "24",
            description = "Bytes written and read in each packet, 0 or 24. Default: ${DEFAULT-VALUE}.")
    private int payload;

    @Mixin
    private PacketsOption packets = new PacketsOption(10_000_000);

    @Option(
            names = "--compare-latency",
            description =
                    "Measure each chain also without the engine's taking the times of some packets, by turns; what each"
                            + " function costs is not told then.")
    private boolean compareLatency;

    @Override
    Map<String, String> prepare() {
        return Map.of();
    }

    @Override
    Map<String, Object> parameters() {
        functions.forEach(count -> requireRange("--functions-between", count, 0, MOST_FUNCTIONS));
        batches.sizes(this);
        if (payload != 0 && payload != 24) {
            throw wrong("--payload " + payload + ": packets are touched in 0 or 24 bytes");
        }
        if (functions.stream().distinct().count() < functions.size()) {
            throw wrong("--functions-between " + functions + ": each count once");
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("packets", packets.count(this));
        parameters.put("payload", payload);
        parameters.put("join", join.name().toLowerCase(Locale.ROOT));
        parameters.put("work", work.name().toLowerCase(Locale.ROOT));
        return parameters;
    }

    @Override
    void measure(Session session) {
        for (int batch : batches.sizes(this)) {
            if (compareLatency) {
                functions.forEach(count -> compareLatency(session, batch, count));
                continue;
            }
            List<BenchChain> chains = new ArrayList<>();
            try {
                for (int count : functions) {
                    chains.add(chain(count, batch, true));
                }
                session.measure(variant(batch, chains));
            } finally {
                chains.forEach(BenchChain::close);
            }
            if (join == Join.THREAD) {
                measureLink(session, batch);
            }
        }
    }

    private BenchChain chain(int count, int batch, boolean timed) {
        return new BenchChain(new Setting(count, work, join, batch, payload != 0, timed));
    }

    private void compareLatency(Session session, int batch, int count) {
        try (BenchChain timed = chain(count, batch, true);
                BenchChain untimed = chain(count, batch, false)) {
            List<Contender> contenders = List.of(
                    new Contender("times taken", () -> new double[] {perPacket(timed::run)}),
                    new Contender("none taken", () -> new double[] {perPacket(untimed::run)}));
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put("batch", batch);
            parameters.put("functions", count);
            session.measure(new Variant(parameters, List.of(WHOLE), contenders));
        }
    }

    private void measureLink(Session session, int batch) {
        try (ThreadHop hop = new ThreadHop()) {
            Contender link = new Contender("link", () -> new double[] {perPacket(count -> hop.run(count, batch))});
            session.measure(new Variant(Map.of("batch", batch), List.of(ALONE), List.of(link)));
        }
    }

    private Variant variant(int batch, List<BenchChain> chains) {
        List<Contender> contenders = new ArrayList<>();
        double[] shortest = new double[1];
        for (int i = 0; i < chains.size(); i++) {
            BenchChain chain = chains.get(i);
            int more = functions.get(i) - functions.getFirst();
            contenders.add(new Contender(name(functions.get(i)), () -> {
                double time = perPacket(chain::run);
                if (more == 0) {
                    shortest[0] = time;
                }
                return new double[] {time, more == 0 ? Metric.NONE : (time - shortest[0]) / more};
            }));
        }
        List<Metric> metrics = chains.size() == 1 ? List.of(WHOLE) : List.of(WHOLE, EACH);
        return new Variant(Map.of("batch", batch), metrics, contenders);
    }

    /** Nanoseconds of each packet in a round. */
    private double perPacket(LongUnaryOperator round) {
        long count = packets.count(this);
        return (double) round.applyAsLong(count) / count;
    }

    private static String name(int functions) {
        return functions == 1 ? "1 function" : functions + " functions";
    }
}
