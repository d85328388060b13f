// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;

/**
 * What {@code nfv bench pipe} has measured, as it goes to {@code --json}.
 *
 * @param processor the machine's
 * @param java version of the Java runtime
 * @param c how the C program was compiled, or why there is none
 * @param cpus where sender and receiver ran
 * @param slots of each ring
 * @param packets of each round
 * @param payload bytes written and read in each packet
 * @param results one per batch size
 */
record PipeReport(
        String processor,
        String java,
        String c,
        List<Integer> cpus,
        int slots,
        long packets,
        int payload,
        List<Result> results) {
    /** Quartiles that lie further apart than this share of the median say that something else was measured. */
    static final double MAX_SPREAD = 0.25;

    /**
     * @param batch most slots between two syncs
     * @param javaMpps Java's rounds, million packets per second
     * @param cMpps the C program's, each right after Java's of the same number
     * @param ratio median of Java over median of C, absent if there is no C or the rounds differ too much
     * @param steal share of processor time that the hypervisor took meanwhile, 0 to 1
     * @param load processes that wanted to run, on average over the minute before
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record Result(
            int batch, Series javaMpps, Optional<Series> cMpps, Optional<Double> ratio, double steal, double load) {
        static Result of(int batch, Series java, Optional<Series> c, double steal, double load) {
            Result measured = new Result(batch, java, c, Optional.empty(), steal, load);
            Optional<Double> ratio =
                    c.filter(series -> measured.steady()).map(series -> java.median() / series.median());
            return new Result(batch, java, c, ratio, steal, load);
        }

        /** Whether the rounds agree well enough to compare them. */
        boolean steady() {
            return javaMpps.spread() <= MAX_SPREAD && cMpps.map(Series::spread).orElse(0.0) <= MAX_SPREAD;
        }
    }
}
