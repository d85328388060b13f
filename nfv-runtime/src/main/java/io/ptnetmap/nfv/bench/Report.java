// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a measurement has come to, as it goes to {@code --json}.
 *
 * @param scenario the command's name
 * @param environment what it ran on
 * @param parameters of all rounds
 * @param results one for each value of what varies
 */
record Report(String scenario, Environment environment, Map<String, Object> parameters, List<Result> results) {
    /** Quartiles that lie further apart than this share of the median say that something else was measured. */
    static final double MAX_SPREAD = 0.25;

    /**
     * @param processor the machine's
     * @param java version of the Java runtime
     * @param others of each other contender how it came about, such as a compiler's command, or why it is missing
     * @param cpus where the contenders ran
     */
    record Environment(String processor, String java, Map<String, String> others, List<Integer> cpus) {}

    /**
     * @param parameters what is special about this one
     * @param metrics what was measured
     * @param steal share of processor time that the hypervisor took meanwhile, 0 to 1
     * @param load processes that wanted to run, on average over the minute before
     * @param cacheLine nanoseconds that one takes between the two processors and back, before the rounds and after them
     */
    record Result(
            Map<String, Object> parameters,
            List<Measured> metrics,
            double steal,
            double load,
            List<Double> cacheLine) {}

    /**
     * One metric of all contenders.
     *
     * @param contenders in the order in which they took turns
     * @param ratios median of the first over that of each other contender; none where the rounds of either differ too much
     */
    record Measured(Metric metric, Map<String, Series> contenders, Map<String, Double> ratios) {
        static Measured of(Metric metric, Map<String, Series> contenders) {
            Map<String, Double> ratios = new LinkedHashMap<>();
            Iterator<Map.Entry<String, Series>> order = contenders.entrySet().iterator();
            Series first = order.next().getValue();
            order.forEachRemaining(other -> {
                if (metric.compared() && first.steady() && other.getValue().steady()) {
                    ratios.put(other.getKey(), first.median() / other.getValue().median());
                }
            });
            return new Measured(metric, contenders, ratios);
        }

        /** Whether a ratio is missing for want of rounds that agree. */
        boolean unsteady() {
            return metric.compared() && ratios.size() < contenders.size() - 1;
        }
    }
}
