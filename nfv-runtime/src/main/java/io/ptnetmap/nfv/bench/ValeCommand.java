// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.abi.KernelLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "vale",
        description = {
            "Measures a VALE switch between ports of regions of their own, and a C program that does the same beside it.",
            "",
            "One port sends, others receive. Each frame is looked up and copied into the receiver's region by the thread that "
                    + "sends. With one core all take turns; with two the receivers have a core of their own, and what they are too "
                    + "slow for is dropped: delivered copies count. All that was sent is accounted for.",
            ""
        })
final class ValeCommand extends ScenarioCommand {
    private static final int MOST_BYTES = 65536;
    private static final int LEAST_BYTES = 14;
    private static final int BUFFER = 2048;
    private static final double THOUSAND = 1e3;

    @Option(
            names = "--receivers",
            split = ",",
            paramLabel = "COUNT",
            defaultValue = "1",
            description = "Ports that receive; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> receivers;

    @Option(
            names = "--bytes",
            split = ",",
            paramLabel = "BYTES",
            defaultValue = "60",
            description = "Length of the frames; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> lengths;

    @Option(
            names = "--cores",
            split = ",",
            paramLabel = "COUNT",
            defaultValue = "1,2",
            description = "1 or 2; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> cores;

    @Option(
            names = "--batch",
            paramLabel = "FRAMES",
            defaultValue = "256",
            description = "Frames between two syncs, fewer where the ring holds no more. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--flood", description = "Frames are for all receivers; otherwise for one after the other.")
    private boolean flood;

    @Mixin
    private PacketsOption packets = new PacketsOption(5_000_000);

    private Optional<Path> program = Optional.empty();

    @Override
    Map<String, Object> parameters() {
        receivers.forEach(count -> requireRange("--receivers", count, 1, KernelLimits.NM_BDG_MAXPORTS - 3));
        lengths.forEach(bytes -> requireRange("--bytes", bytes, LEAST_BYTES, MOST_BYTES));
        cores.forEach(count -> requireRange("--cores", count, 1, 2));
        requireRange("--batch", batch, 1, ValeTraffic.SLOTS - 1);
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("packets", packets.count(this));
        parameters.put("batch", batch);
        parameters.put("flood", flood);
        return parameters;
    }

    @Override
    Map<String, String> prepare() {
        CTwin.Attempt twin = CTwin.system("vale.c", new CTwin.Library("", List.of(), List.of("-pthread")))
                .attempt();
        program = twin.program();
        return Map.of(PipePairs.C, twin.how());
    }

    @Override
    void measure(Session session) {
        for (int count : receivers) {
            for (int bytes : lengths) {
                try (ValeTraffic traffic = new ValeTraffic(count, bytes, flood)) {
                    cores.forEach(used -> session.measure(variant(traffic, count, bytes, used)));
                }
            }
        }
    }

    private Variant variant(ValeTraffic traffic, int count, int bytes, int used) {
        // Half a ring, so that the next batch finds room where the receivers keep up.
        int frames = Math.max(1, Math.min(batch, ValeTraffic.SLOTS / 2 / ((bytes + BUFFER - 1) / BUFFER)));
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("receivers", count);
        parameters.put("bytes", bytes);
        parameters.put("cores", used);
        List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender(PipePairs.JAVA, () -> figures(traffic.run(packets.count(this), frames, used))));
        program.ifPresent(c ->
                contenders.add(new Contender(PipePairs.C, () -> figures(run(c, used, count, bytes, frames)))));
        return new Variant(
                parameters, List.of(new Metric("delivered", "Mpps"), new Metric("sent", "Mpps")), contenders);
    }

    private static double[] figures(ValeTraffic.Outcome outcome) {
        if (outcome.received() != outcome.delivered()) {
            throw new BenchException(
                    outcome.delivered() + " copies were delivered, but " + outcome.received() + " received");
        }
        return new double[] {
            outcome.delivered() * THOUSAND / outcome.nanos(), outcome.sent() * THOUSAND / outcome.nanos()
        };
    }

    private ValeTraffic.Outcome run(Path c, int used, int count, int bytes, int frames) {
        List<String> command = Stream.of(
                        c,
                        Machine.pair().getFirst(),
                        Machine.pair().getLast(),
                        used,
                        count,
                        bytes,
                        frames,
                        flood ? 1 : 0,
                        packets.count(this))
                .map(String::valueOf)
                .toList();
        try (Scanner answer = new Scanner(Tool.output(command))) {
            return new ValeTraffic.Outcome(
                    answer.nextLong(), answer.nextLong(), answer.nextLong(), answer.nextLong(), answer.nextLong());
        } catch (MissingException failed) {
            throw new BenchException("the C program has failed: " + failed.getMessage(), failed);
        }
    }
}
