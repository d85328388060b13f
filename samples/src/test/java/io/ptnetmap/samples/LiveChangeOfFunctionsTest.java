// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.ChangeReport;
import io.ptnetmap.nfv.deploy.ChangeReport.HandedOver;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The functions in a chain that is changed under their packets: a NAT keeps its bindings wherever it goes. */
class LiveChangeOfFunctionsTest {
    private static final long FLOWS = 64;

    /** All of one port, so that bindings made anew would be to other ones than at first. */
    private static final String CHAIN = """
            chain: live-nat
            functions:
              - {type: generator, config: {rate: 100k, flows: %d, source: 10.1.0.0/24, source-port: 5000}}
              - {type: firewall, config: {default: drop, rules: [{action: accept, protocol: udp}%s]}}
              - {type: nat44, %s config: {inside: [10.1.0.0/16], external: [203.0.113.1]%s}}
              - {type: monitor, config: {top: 3}}
              - {type: sink, worker: %d}
            """;

    @TempDir
    Path directory;

    private String text(String rule, String place, String nat, int sinkWorker) {
        return CHAIN.formatted(FLOWS, rule, place, nat, sinkWorker);
    }

    private Chain chain(String text, FunctionRegistry functions) throws IOException {
        Path file = Files.writeString(directory.resolve("chain.yaml"), text);
        return ChainDescriptor.read(file).resolve(functions, List.of());
    }

    @Test
    void bindingsSurviveEveryChange() throws Exception {
        try (FunctionRegistry functions = FunctionRegistry.open();
                ChainRun run = new Launcher()
                        .launch(
                                chain(text("", "", "", 0), functions),
                                new LaunchOptions(functions, Optional.empty()))) {
            List<String> targets = List.of(
                    text("", "", ", max-sessions: 1000", 0),
                    text(", {action: drop, protocol: icmp}", "worker: 1,", ", max-sessions: 1000", 0),
                    text(", {action: drop, protocol: icmp}", "process: own,", ", max-sessions: 1000", 1),
                    text("", "process: own,", ", max-sessions: 2000", 0),
                    text("", "", "", 0));
            for (String target : targets) {
                awaitFlows(run);
                ChangeReport report = run.change(chain(target, functions));
                assertTrue(report.conserved(), report::toString);
                assertEquals(0, report.after().orElseThrow().unaccounted(), report::toString);
                for (HandedOver state : report.states()) {
                    assertEquals(Map.of(), state.dropped(), report::toString);
                }
            }
            awaitFlows(run);
            run.drain(Duration.ofSeconds(10));
            Map<String, Map<String, Object>> reports = run.reports();
            assertEquals((int) FLOWS, reports.get("nat44").get("bindings"));
            assertEquals((int) FLOWS, reports.get("firewall").get("flows"));
            assertEquals((int) FLOWS, reports.get("monitor").get("flows"), "each with one external port all the time");
            Map<?, ?> generator = (Map<?, ?>) ((Map<?, ?>) reports.get("sink").get("generators")).get("0");
            long sent = run.snapshot().hops().getFirst().created();
            assertEquals(Map.of("received", sent, "lost", 0L, "duplicated", 0L, "reordered", 0L), generator);
            assertTrue(run.conservation().holds(), () -> run.conservation().toString());
        }
    }

    /** Waits until each flow has passed, several times. */
    private static void awaitFlows(ChainRun run) throws InterruptedException {
        long goal = Chains.hop(run.snapshot(), "sink").received() + 10 * FLOWS;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (Chains.hop(run.snapshot(), "sink").received() < goal) {
            assertTrue(System.nanoTime() < deadline, () -> "nothing arrives: " + run.snapshot());
            Thread.sleep(1);
        }
    }
}
