// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.linux.UserId;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class NicTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int nic(String... arguments) {
        return new CommandLine(new NicCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void allThreeForwardWithoutChangingAByte() {
        assumeTrue(UserId.current() == 0, "needs root, to make network namespaces");
        for (String tool : List.of("ip", "unshare", "nsenter")) {
            assumeTrue(Tool.isHere(tool), "needs " + tool);
        }
        Path report = directory.resolve("report.json");
        int status = nic("--rounds", "1", "--megabytes", "2", "--millis", "20", "--json", report.toString());
        assumeTrue(!err.toString().contains("takes root"), err::toString);
        assertEquals(0, status, err::toString);
        List<String> contenders = new ArrayList<>();
        for (JsonNode metric : JsonMapper.shared().readTree(report.toFile()).at("/results/0/metrics")) {
            metric.get("contenders").propertyStream().forEach(entry -> {
                contenders.add(entry.getKey());
                double figure = entry.getValue().get("median").asDouble();
                assertTrue(figure > 0 || metric.at("/metric/unit").asString().equals("%"), entry::toString);
            });
        }
        assertEquals(9, contenders.size(), contenders::toString);
    }

    @Test
    void wrongOptionsAreRefused() {
        assertEquals(2, nic("--megabytes", "0"));
        assertTrue(err.toString().contains("--megabytes 0: give 1 to"), err::toString);
    }
}
