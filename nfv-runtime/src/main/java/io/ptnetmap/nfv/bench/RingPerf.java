// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DPDK's own measurement of its ring, {@code dpdk-test ring_perf_autotest}: one producer, one consumer, on two processors,
 * 32 elements at once. Each round runs the program and ends it when it has said so much.
 */
record RingPerf() implements Candidate {
    private static final String PROGRAM = "dpdk-test";
    private static final String TEST = "ring_perf_autotest";
    private static final Pattern FREQUENCY = Pattern.compile("TSC frequency is ~([0-9]+) KHz");
    private static final Pattern CYCLES = Pattern.compile("SP/SC: bulk \\(size: 32\\): ([0-9.]+)");

    @Override
    public String name() {
        return PROGRAM;
    }

    @Override
    public String find() {
        Tool.require(PROGRAM, "dpdk-dev");
        return PROGRAM + " " + TEST + ", half of the cycles of enqueueing and dequeueing";
    }

    @Override
    public Contender start(Cleanup cleanup) {
        List<Integer> cpus = Machine.pair();
        List<String> command = Dpdk.command(PROGRAM, "0@" + cpus.getFirst() + ",1@" + cpus.getLast());
        command.addAll(List.of("--log-level=lib.eal:debug", TEST));
        return new Contender(name(), () -> new double[] {round(command)});
    }

    private static double round(List<String> command) {
        Parser parser = new Parser();
        Process process = null;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            BufferedReader said = process.inputReader();
            OptionalDouble cost = OptionalDouble.empty();
            for (String line = said.readLine(); line != null && cost.isEmpty(); line = said.readLine()) {
                cost = parser.take(line);
            }
            return cost.orElseThrow(() -> new BenchException(PROGRAM + " has not measured its ring"));
        } catch (IOException failure) {
            throw new BenchException(PROGRAM + ": " + failure.getMessage(), failure);
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    /** Finds the figure in what the program says. */
    static final class Parser {
        private double cyclesPerNano;
        private boolean onTwo;

        /** Takes the next line; returns nanoseconds per element when they are known. */
        OptionalDouble take(String line) {
            Matcher frequency = FREQUENCY.matcher(line);
            if (frequency.find()) {
                cyclesPerNano = Double.parseDouble(frequency.group(1)) / 1e6;
            }
            onTwo |= line.contains("### Testing using two ");
            Matcher cycles = CYCLES.matcher(line);
            if (!onTwo || cyclesPerNano == 0 || !cycles.find()) {
                return OptionalDouble.empty();
            }
            // The program adds the time of either side, in which the other one works too.
            return OptionalDouble.of(Double.parseDouble(cycles.group(1)) / 2 / cyclesPerNano);
        }
    }
}
