// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "idle",
        description = {
            "Measures what a process costs that sleeps between packets, and how fast it wakes up.",
            "",
            "Packets come one at a time at a steady, low rate; the process sleeps in poll(2), sends back what wakes it, and "
                    + "sleeps again. In Java, and in a C program on the same rings, by turns; and in a C program that has no rings and "
                    + "only wakes up: what the system takes for that.",
            ""
        })
final class IdleCommand extends PipeScenario {
    private static final int MOST_RATE = 100_000;

    @Option(
            names = "--rate",
            split = ",",
            paramLabel = "PPS",
            defaultValue = "10000",
            description = "Packets per second; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> rates;

    @Option(
            names = "--seconds",
            paramLabel = "COUNT",
            defaultValue = "2",
            description = "Length of each round. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Override
    PipePairs.Setting setting(int slots) {
        return EchoTask.setting(slots).with(new PipePairs.OtherRoles("C, eventfd alone", "bell", "sleeper"));
    }

    @Override
    Map<String, Object> parameters(int slots) {
        rates.forEach(rate -> requireRange("--rate", rate, 1, MOST_RATE));
        requireRange("--seconds", seconds, 1, 3600);
        return Map.of("seconds", seconds);
    }

    @Override
    void measure(PipePairs pairs, Session session) {
        rates.forEach(rate -> session.measure(pairs.variant(
                Map.of("rate", rate), new EchoTask((long) seconds * rate, TimeUnit.SECONDS.toNanos(1) / rate, true))));
    }
}
