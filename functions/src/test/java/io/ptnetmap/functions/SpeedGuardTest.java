// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What may not become slow unnoticed. Guarded are ratios of two that take turns in one run, each by its best round, the one least
 * disturbed; the best of three runs counts. Floors are far below what a quiet machine shows: a busy one must not fail.
 */
@Tag("alone")
class SpeedGuardTest {
    private static final int RUNS = 3;

    @TempDir
    private Path directory;

    /** The greatest ratio of several runs, or the first that is enough. */
    private static double best(double enough, DoubleSupplier ratio) {
        double best = 0;
        for (int run = 0; run < RUNS && best < enough; run++) {
            best = Math.max(best, ratio.getAsDouble());
        }
        return best;
    }

    @Test
    void javaMovesPacketsThroughPipesAlmostAsCDoes() {
        double floor = 0.4;
        double ratio = best(floor, () -> {
            JsonNode rate = Bench.metrics(directory, "pipe", "--packets=3000000", "--rounds=9")
                    .get(0);
            assumeTrue(rate.get("contenders").has("C"), "needs gcc");
            return most(rate, "Java") / most(rate, "C");
        });
        assertTrue(ratio >= floor, () -> "Java over C: " + ratio);
    }

    private static double most(JsonNode metric, String contender) {
        return metric.get("contenders")
                .get(contender)
                .get("rounds")
                .valueStream()
                .mapToDouble(JsonNode::asDouble)
                .max()
                .orElseThrow();
    }

    private double chain(String work) {
        JsonNode time = Bench.metrics(
                        directory,
                        "chain",
                        "--functions-between=0,16",
                        "--work=" + work,
                        "--packets=200000",
                        "--rounds=9")
                .get(0);
        return Bench.least(time, "0 functions") / Bench.least(time, "16 functions");
    }

    @Test
    void functionsThatDoNothingCostNextToNothing() {
        double floor = 0.5;
        double ratio = best(floor, () -> chain("pass"));
        assertTrue(ratio >= floor, () -> "a chain without functions over one with 16: " + ratio);
    }

    @Test
    void theGuardOfChainsNoticesFunctionsThatDoALittle() {
        double ratio = chain("swap");
        assertTrue(ratio < 0.5, () -> "a chain without functions over one with 16 that swap addresses: " + ratio);
    }

    @Test
    void nat44IsFastWithManySessions() {
        double floor = 0.25;
        double ratio = best(floor, () -> {
            JsonNode time = Bench.metrics(
                            directory,
                            "function",
                            "nat44",
                            "--config=../samples/bench/nat44.yaml",
                            "--flows=1000,300000",
                            "--packets=200000",
                            "--rounds=9")
                    .get(1);
            return Bench.least(time, "1000 flows") / Bench.least(time, "300000 flows");
        });
        assertTrue(ratio >= floor, () -> "1,000 sessions over 300,000: " + ratio);
    }

    private double firewall(boolean stateful) {
        String few = rules(10, stateful);
        String many = rules(2000, stateful);
        JsonNode time = Bench.metrics(
                        directory,
                        "function",
                        "firewall",
                        "--config=" + few,
                        "--config=" + many,
                        "--packets=30000",
                        "--rounds=9")
                .get(1);
        return Bench.least(time, few) / Bench.least(time, many);
    }

    private String rules(int count, boolean stateful) {
        StringBuilder yaml = new StringBuilder("default: accept\nstateful: " + stateful + "\nrules:\n");
        IntStream.range(0, count)
                .forEach(
                        i -> yaml.append("- {action: drop, destination: [10." + i / 250 + "." + i % 250 + ".0/24]}\n"));
        try {
            return Files.writeString(directory.resolve(count + "-" + stateful + ".yaml"), yaml)
                    .toString();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void rulesCostEstablishedFlowsNothing() {
        double floor = 0.6;
        double ratio = best(floor, () -> firewall(true));
        assertTrue(ratio >= floor, () -> "10 rules over 2,000: " + ratio);
    }

    @Test
    void theGuardOfFunctionsNoticesRulesThatAreLookedAt() {
        double ratio = firewall(false);
        assertTrue(ratio < 0.6, () -> "10 rules over 2,000, each looked at for each packet: " + ratio);
    }
}
