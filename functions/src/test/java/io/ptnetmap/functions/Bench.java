// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.bench.BenchCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs {@code nfv bench} in this process. */
final class Bench {
    private Bench() {}

    /** The metrics of the first result, as in the report. */
    static JsonNode metrics(Path directory, String... arguments) {
        Path json = directory.resolve("report.json");
        StringWriter err = new StringWriter();
        List<String> line = new ArrayList<>(Arrays.asList(arguments));
        line.addAll(List.of("--json", json.toString()));
        int exitCode = new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err, true))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(line.toArray(String[]::new));
        assertEquals(0, exitCode, err::toString);
        return JsonMapper.shared().readTree(json).at("/results/0/metrics");
    }

    /** The least of a contender's rounds. */
    static double least(JsonNode metric, String contender) {
        return metric.get("contenders")
                .get(contender)
                .get("rounds")
                .valueStream()
                .mapToDouble(JsonNode::asDouble)
                .min()
                .orElseThrow();
    }
}
