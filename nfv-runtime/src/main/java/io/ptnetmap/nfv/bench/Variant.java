// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;
import java.util.Map;

/**
 * One measurement of a scenario.
 *
 * @param parameters what is special about it
 * @param metrics what each round has figures of
 * @param contenders who take turns; the first is compared with each of the others
 */
record Variant(Map<String, Object> parameters, List<Metric> metrics, List<Contender> contenders) {
    String title() {
        return text(parameters);
    }

    /** Parameters as people read them. */
    static String text(Map<String, Object> parameters) {
        return String.join(
                ", ",
                parameters.entrySet().stream()
                        .map(parameter -> parameter.getKey() + " " + parameter.getValue())
                        .toList());
    }
}
