// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.nfv.bench.Comparison.Trial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "peers",
        description = {
            "Measures what else moves packets between processes and threads, beside ours, by turns.",
            "",
            "  aeron          pipe between two processes, beside Aeron IPC",
            "  aeron-latency  packet there and back, beside Aeron IPC",
            "  memif          pipe between two processes, beside DPDK's memif",
            "  swap           chain of one function on one core, beside DPDK's testpmd",
            "  ring           hop to another thread, beside a Disruptor and DPDK's rte_ring",
            "  sockets        pipe between two processes, beside packet sockets over veth",
            "",
            "What is not here is named with what would provide it, and ours is measured alone; './nfv setup peers' installs "
                    + "all of it.",
            ""
        })
final class PeersCommand extends ScenarioCommand {
    private static final int BATCH = 256;
    private static final int HOP_BATCH = 32;
    private static final int PAYLOAD = Long.BYTES;
    /** Where rounds are as long as they are, not as many packets: a rate that is often seen. */
    private static final int PACKETS_PER_MILLI = 30_000;

    private static final int LEAST_MILLIS = 20;
    private static final int MOST_MILLIS = 300;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "Measure these comparisons only. Default: all, in the order above.")
    private Set<String> only = new LinkedHashSet<>();

    @Option(
            names = "--packets",
            paramLabel = "COUNT",
            defaultValue = "10000000",
            description = "Most packets of a round; slow ones have fewer. Default: ${DEFAULT-VALUE}.")
    private long packets;

    private final Set<String> missing = new HashSet<>();
    private List<Comparison> comparisons = List.of();

    @Override
    Map<String, Object> parameters() {
        requireRange("--packets", packets, 1, Long.MAX_VALUE / 1000);
        List<Comparison> all = all();
        List<String> names = all.stream().map(Comparison::name).toList();
        for (String name : only) {
            if (!names.contains(name)) {
                throw wrong("--only " + name + ": there is " + String.join(", ", names));
            }
        }
        comparisons = all.stream()
                .filter(comparison -> only.isEmpty() || only.contains(comparison.name()))
                .toList();
        return Map.of("packet", "64 bytes");
    }

    private List<Comparison> all() {
        StreamTask stream = new StreamTask(packets, BATCH, PAYLOAD);
        StreamTask bursts = new StreamTask(packets, HOP_BATCH, PAYLOAD);
        StreamTask slow = new StreamTask(Math.min(packets, 500_000), BATCH, PAYLOAD);
        EchoTask echo = new EchoTask(Math.min(packets, 200_000), 0, false);
        return List.of(
                pair("aeron", stream, NetmapPipe.streaming(stream), AeronIpc.streaming(stream)),
                pair("aeron-latency", echo, NetmapPipe.echoing(echo), AeronIpc.echoing(echo)),
                pair("memif", stream, NetmapPipe.streaming(stream), new Memif(bursts)),
                new Comparison(
                        "swap",
                        List.of(
                                swap(SwapLoop.ETHERNET, "macswap", HOP_BATCH),
                                swap(SwapLoop.ETHERNET, "macswap", BATCH),
                                swap(SwapLoop.TRANSPORT, "5tswap", HOP_BATCH),
                                swap(SwapLoop.TRANSPORT, "5tswap", BATCH))),
                new Comparison(
                        "ring",
                        List.of(new Trial(
                                Map.of("compare", "ring, batches of " + HOP_BATCH),
                                List.of(Hop.COST),
                                List.of(
                                        new Hop("link of a chain", HopWorker.LINK, bursts),
                                        new Hop("Disruptor", HopWorker.DISRUPTOR, bursts),
                                        new RteRing(bursts),
                                        new RingPerf())))),
                pair("sockets", slow, NetmapPipe.streaming(stream), new PacketSockets(slow)));
    }

    /** A comparison of two ways between two processes. */
    private static Comparison pair(String name, ProcessPair.Task task, Candidate ours, Candidate theirs) {
        return new Comparison(name, List.of(new Trial(Map.of("compare", name), task.metrics(), List.of(ours, theirs))));
    }

    private Trial swap(String upTo, String mode, int burst) {
        int millis = Math.clamp(packets / PACKETS_PER_MILLI, LEAST_MILLIS, MOST_MILLIS);
        return new Trial(
                Map.of("compare", "swap, up to " + upTo + ", " + burst + " packets in the loop"),
                List.of(StreamTask.RATE),
                List.of(new SwapLoop(upTo, burst, millis), new Testpmd(mode, burst, millis)));
    }

    @Override
    Map<String, String> prepare() {
        Map<String, String> found = new LinkedHashMap<>();
        for (Comparison comparison : comparisons) {
            for (Trial trial : comparison.trials()) {
                for (Candidate candidate : trial.candidates()) {
                    found.computeIfAbsent(candidate.name(), name -> look(candidate));
                }
            }
        }
        return found;
    }

    private String look(Candidate candidate) {
        try {
            return candidate.find();
        } catch (MissingException notHere) {
            missing.add(candidate.name());
            return "not measured: " + notHere.getMessage();
        }
    }

    @Override
    void measure(Session session) throws IOException {
        for (Comparison comparison : comparisons) {
            for (Trial trial : comparison.trials()) {
                measure(trial, session);
            }
        }
    }

    private void measure(Trial trial, Session session) throws IOException {
        try (Cleanup cleanup = new Cleanup()) {
            List<Contender> contenders = new ArrayList<>();
            for (Candidate candidate : trial.candidates()) {
                if (!missing.contains(candidate.name())) {
                    contenders.add(candidate.start(cleanup));
                }
            }
            session.measure(new Variant(trial.parameters(), trial.metrics(), contenders));
        }
    }
}
