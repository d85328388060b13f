// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rounds by turns, A B A B ..., so that what disturbs the machine for a while disturbs all contenders alike. For one thread.
 *
 * @param warmUps rounds before those that count, so that all is compiled
 * @param counted rounds that count
 * @param progress told of each round
 */
record Rounds(int warmUps, int counted, Progress progress) {
    Report.Result measure(Variant variant) {
        for (int i = 1; i <= warmUps; i++) {
            for (Contender contender : variant.contenders()) {
                progress.show(variant.title(), "warm-up", i, warmUps, contender.name());
                contender.round().get();
            }
        }
        Map<String, List<double[]>> figures = new LinkedHashMap<>();
        variant.contenders().forEach(contender -> figures.put(contender.name(), new ArrayList<>()));
        double distance = CacheLine.roundTripNanos(Machine.pair());
        Machine.ProcessorTime before = Machine.ProcessorTime.now();
        for (int i = 1; i <= counted; i++) {
            for (Contender contender : variant.contenders()) {
                progress.show(variant.title(), "round", i, counted, contender.name());
                figures.get(contender.name()).add(contender.round().get());
            }
        }
        double steal = Machine.ProcessorTime.now().stolenSince(before);
        progress.clear();
        List<Report.Measured> metrics = new ArrayList<>();
        for (int metric = 0; metric < variant.metrics().size(); metric++) {
            metrics.add(Report.Measured.of(variant.metrics().get(metric), column(figures, metric)));
        }
        return new Report.Result(
                variant.parameters(),
                metrics,
                steal,
                Machine.load(),
                List.of(distance, CacheLine.roundTripNanos(Machine.pair())));
    }

    private static Map<String, Series> column(Map<String, List<double[]>> figures, int metric) {
        Map<String, Series> column = new LinkedHashMap<>();
        figures.forEach((contender, rounds) -> {
            List<Double> values = rounds.stream().map(round -> round[metric]).toList();
            if (values.stream().noneMatch(value -> Double.isNaN(value))) {
                column.put(contender, Series.of(values));
            }
        });
        return column;
    }
}
