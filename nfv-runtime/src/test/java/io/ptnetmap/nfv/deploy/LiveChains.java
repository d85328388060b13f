// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.engine.RunningChain;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Chains of numbered packets that are changed while they run. */
final class LiveChains {
    private static final String ENDLESS = "1000000000000";

    private LiveChains() {}

    static RunningChain launch(Path directory, String... elements) throws IOException {
        return RunningChain.launch(directory, yaml(elements));
    }

    static String yaml(String... elements) {
        StringBuilder yaml = new StringBuilder("chain: live\nlink: {slots: 256}\nfunctions:\n");
        for (String element : elements) {
            yaml.append("  - ").append(element).append('\n');
        }
        return yaml.toString();
    }

    /** What a chain is to be; its file says so from now on. */
    static Chain target(Path directory, RunningChain running, String... elements) throws IOException {
        Path file = Files.writeString(directory.resolve("chain.yaml"), yaml(elements));
        return ChainDescriptor.read(file).resolve(running.functions(), List.of());
    }

    /** Changes a chain while packets flow, and checks the proof. */
    static ChangeReport change(Path directory, RunningChain running, String... elements) throws Exception {
        moving(running);
        ChangeReport report = running.run().change(target(directory, running, elements));
        assertProven(report);
        return report;
    }

    static void assertProven(ChangeReport report) {
        assertTrue(report.conserved(), report::toString);
        assertEquals(0, report.before().unaccounted(), report::toString);
        assertEquals(0, report.after().orElseThrow().unaccounted(), report::toString);
        assertEquals(0, report.lost(), report::toString);
        assertEquals(0, report.overtakable(), report::toString);
        assertEquals(List.of(), report.mishaps(), report::toString);
        report.drained().forEach(link -> {
            assertTrue(link.counted(), link::toString);
            assertEquals(link.sent(), link.received(), link::toString);
        });
    }

    /** Waits until what has died is there again, and more packets have come out at the end. */
    static void moving(RunningChain running) throws InterruptedException {
        await(
                running,
                () -> running.run().health().parts().stream()
                        .allMatch(part -> part.state() == ChainHealth.PartState.RUNNING));
        long before = arrived(running.run());
        await(running, () -> arrived(running.run()) > before + 1000);
    }

    private static void await(RunningChain running, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "nothing moves: " + running.run().snapshot()
                            + running.run().health());
            Thread.sleep(5);
        }
    }

    static long arrived(ChainRun run) {
        return run.snapshot().hops().getLast().received();
    }

    /** Packets that the source has made, which is in this process: no other one is asked. */
    static long created(RunningChain running) {
        return ((SupervisedRun) running.run()).here().hops().getFirst().created();
    }

    static long number(Map<String, Object> report, String key) {
        return ((Number) report.getOrDefault(key, 0)).longValue();
    }

    static String source() {
        return "{name: source, type: counting-source, config: {count: " + ENDLESS + "}}";
    }

    /** Makes its packets in bursts of as many as a batch can have. */
    static String burstSource() {
        return "{name: source, type: burst-source, config: {count: " + ENDLESS + "}}";
    }

    static String sink(int worker) {
        return sink("checking-sink", worker);
    }

    static String sink(String type, int worker) {
        return "{name: sink, type: " + type + ", worker: " + worker + "}";
    }

    static String tally(String name, int step, int worker) {
        return "{name: " + name + ", type: tally, worker: " + worker + ", config: {step: " + step + ", fault: none}}";
    }

    static String own(String name, int step) {
        return "{name: " + name + ", type: tally, process: own, config: {step: " + step + ", fault: none}}";
    }

    /** The process of a function: also one that is only being started. */
    static ProcessHandle processOf(String function) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> {
                    String command = CommandLines.of(process);
                    return command.contains(PartMain.class.getName()) && command.contains(" " + function + " ");
                })
                .findFirst()
                .orElseThrow();
    }

    /** Sends a process a signal, by its name without SIG. */
    static void signal(String name, ProcessHandle process) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The command lines of processes of parts that this one has started and not ended. */
    static List<String> processesLeft() {
        return ProcessHandle.current()
                .descendants()
                .map(CommandLines::of)
                .filter(command -> command.contains("io.ptnetmap.nfv.deploy."))
                .toList();
    }
}
