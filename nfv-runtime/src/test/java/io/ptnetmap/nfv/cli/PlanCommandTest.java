// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.host.HugePages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlanCommandTest {
    @TempDir
    Path directory;

    private String chain(String memory) throws IOException {
        return Files.writeString(
                        directory.resolve("c.yaml"),
                        "chain: c\n" + memory
                                + "functions:\n  - {type: pcap-source, config: {file: a}}\n"
                                + "  - {type: drain, process: own, link: {slots: 4096}}\n")
                .toString();
    }

    @Test
    void aTableForPeople() throws IOException {
        CommandOutcome outcome = CommandOutcome.of("plan", "-f", chain(""), "--memory");
        assertEquals(0, outcome.exitCode(), outcome::err);
        assertTrue(outcome.out().startsWith("c: memory\n"), outcome::out);
        assertTrue(
                outcome.out()
                        .lines()
                        .anyMatch(line -> line.matches("  pipe pcap-source - drain +2 +4 +4,096 +8,192 +16.0")),
                outcome::out);
        assertTrue(
                outcome.out().lines().anyMatch(line -> line.matches("  region +300 +512 +4,096 +163,840 +[0-9.]+")),
                outcome::out);
    }

    @Test
    void jsonForPrograms() throws IOException {
        JsonNode plan = JsonMapper.shared()
                .readTree(CommandOutcome.of("plan", chain(""), "--memory", "-o", "json")
                        .out());
        int sum = 2;
        for (JsonNode item : plan.get("items")) {
            sum += item.get("buffers").asInt();
        }
        assertEquals(sum, plan.get("needed").get("buffers").asInt());
        assertEquals(256 + 16 * 4096, plan.get("region").get("ring-size").asInt());
        assertTrue(plan.get("needed").get("bytes").asLong()
                < plan.get("region").get("bytes").asLong());
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        CommandOutcome outcome = CommandOutcome.of("plan", chain("memory: {buffers: 5000}\n"), "--memory");
        assertEquals(ExitCodes.CHAIN_FAILED, outcome.exitCode());
        assertTrue(outcome.err().startsWith("nfv: chain c needs "), outcome::err);
        assertTrue(
                outcome.err().contains(" packet buffers, its memory has 4,999: set memory.buffers to "), outcome::err);
    }

    private CommandOutcome planned(String hugePages, String... more) throws IOException {
        System.setProperty(HugePages.VARIABLE, hugePages);
        try {
            List<String> words = new ArrayList<>(List.of("plan", chain(""), "--memory"));
            words.addAll(List.of(more));
            return CommandOutcome.of(words.toArray(String[]::new));
        } finally {
            System.clearProperty(HugePages.VARIABLE);
        }
    }

    @Test
    void pagesAreSaidAsTheKernelCountsThem() throws IOException {
        long total = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("HugePages_Total:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
        JsonNode region = JsonMapper.shared()
                .readTree(planned("auto", "-o", "json").out())
                .get("region");
        assertEquals("auto", region.get("huge-pages").asString());
        long bytes = region.get("pages").asLong() * region.get("page-size").asLong();
        assertTrue(bytes > region.get("bytes").asLong(), "with the control area");
        assertTrue(
                region.get("why").asString().contains(" of " + String.format(Locale.ROOT, "%,d", total) + " are free")
                        || total == 0,
                region::toString);
        assertEquals(0, planned("auto").exitCode());
        assumeTrue(total == 0, "huge pages are set aside on this machine");
        CommandOutcome refused = planned("on");
        assertEquals(ExitCodes.CHAIN_FAILED, refused.exitCode());
        assertTrue(refused.out().contains("\nIt cannot be made: "), refused::out);
        assertFalse(planned("off").out().contains("It cannot"));
    }
}
