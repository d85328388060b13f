// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
     * @param c how the C program was compiled, or why there is none
     * @param cpus where the two processes of each contender ran
     */
    record Environment(String processor, String java, String c, List<Integer> cpus) {}

    /**
     * @param parameters what is special about this one
     * @param metrics what was measured
     * @param steal share of processor time that the hypervisor took meanwhile, 0 to 1
     * @param load processes that wanted to run, on average over the minute before
     */
    record Result(Map<String, Object> parameters, List<Measured> metrics, double steal, double load) {}

    /**
     * One metric of all contenders.
     *
     * @param contenders in the order in which they took turns
     * @param ratio median of the first over that of the second contender; absent where there is only one, or where the
     *     rounds of one differ too much
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Measured(Metric metric, Map<String, Series> contenders, Optional<Double> ratio) {
        static Measured of(Metric metric, Map<String, Series> contenders) {
            Measured measured = new Measured(metric, contenders, Optional.empty());
            if (contenders.size() < 2 || !measured.steady()) {
                return measured;
            }
            List<Series> series = List.copyOf(contenders.values());
            return new Measured(
                    metric,
                    contenders,
                    Optional.of(series.get(0).median() / series.get(1).median()));
        }

        /** Whether the rounds agree well enough to compare them. */
        boolean steady() {
            return contenders.values().stream().allMatch(series -> series.spread() <= MAX_SPREAD);
        }
    }
}
