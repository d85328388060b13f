// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;
import java.util.Map;

/**
 * A comparison of {@code nfv bench peers}.
 *
 * @param name as in {@code --only}
 * @param trials what is measured, one after the other
 */
record Comparison(String name, List<Trial> trials) {
    /**
     * A measurement.
     *
     * @param parameters what is special about it
     * @param metrics what each round has figures of
     * @param candidates who takes turns if it is here; the first always is
     */
    record Trial(Map<String, Object> parameters, List<Metric> metrics, List<Candidate> candidates) {}
}
