// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.chain.Crossing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LinksCommandTest {
    @TempDir
    Path directory;

    private String chain(String first, String last) throws IOException {
        return Files.writeString(directory.resolve("c.yaml"), """
                        chain: c
                        functions:
                          - {port: "%s"}
                          - {name: one, type: sieve}
                          - {name: two, type: sieve}
                          - {name: three, type: sieve, worker: 1}
                          - {name: four, type: sieve, process: own}
                          - {name: five, type: sieve, process: own, trust: other, link: {type: vale}}
                          - {port: "%s"}
                        """.formatted(first, last))
                .toString();
    }

    @Test
    void aTableForPeople() throws IOException {
        CommandOutcome outcome = CommandOutcome.of("links", chain("netmap:eth0", "vale7:x"));
        assertEquals(0, outcome.exitCode(), outcome::err);
        List<String> lines = outcome.out().lines().toList();
        assertEquals("c: links", lines.getFirst());
        assertTrue(lines.get(1).matches("  from +to +link +packets +because"), outcome::out);
        for (String row : List.of(
                "outside +netmap:eth0 +port +driver +a network interface, .*",
                "netmap:eth0 +one +call +zero-copy +one worker .*",
                "one +two +call +zero-copy +.*the same batch",
                "two +three +thread +zero-copy +workers of one process.*",
                "three +four +pipe +zero-copy +both ends lie in region 1, .*",
                "four +five +vale +copy +a switch copies from region 1 to region 2, .*",
                "five +vale7:x +pipe +zero-copy +both ends lie in region 2, .*",
                "vale7:x +outside +port +copy +a switch's port.*")) {
            assertTrue(lines.stream().anyMatch(line -> line.strip().matches(row)), () -> row + "\n" + outcome.out());
        }
        assertEquals(10, lines.size(), outcome::out);
    }

    @Test
    void jsonForPrograms() throws IOException {
        JsonNode links = JsonMapper.shared()
                .readTree(CommandOutcome.of("links", chain("netmap:x{1", "netmap:y}1@7"), "-o", "json")
                        .out());
        assertEquals("c", links.get("chain").asString());
        List<String> packets = new ArrayList<>();
        links.get("links").forEach(link -> packets.add(link.get("packets").asString()));
        assertEquals(
                List.of("zero-copy", "zero-copy", "zero-copy", "zero-copy", "zero-copy", "copy", "zero-copy", "copy"),
                packets);
        assertTrue(
                links.at("/links/7/because").asString().contains("in region 7, the chain uses 2"),
                links::toPrettyString);
    }

    @Test
    void linksHaveNames() throws IOException {
        String names = CommandOutcome.of("links", chain("netmap:x{1", "null"), "-o", "name")
                .out();
        assertEquals("link/c/outside..netmap:x{1", names.lines().findFirst().orElseThrow());
        assertTrue(names.contains("/one..two\n"), names);
    }

    @Test
    void whatADriverSaysDecides() {
        Crossing unknown = new Crossing("a", "b", Crossing.Kind.PORT, Crossing.Transfer.DRIVER, "");
        assertEquals(
                new Crossing("a", "b", Crossing.Kind.PORT, Crossing.Transfer.COPY, "AF_XDP, generic"),
                unknown.found(true, "AF_XDP, generic"));
        assertEquals(
                Crossing.Transfer.ZERO_COPY,
                unknown.found(false, "AF_XDP, native").transfer());
    }

    @Test
    void anInterfaceThatIsNotThereIsNamed() throws IOException {
        CommandOutcome outcome = CommandOutcome.of("links", chain("netmap:nosuch0", "null"), "--open");
        assertEquals(ExitCodes.ENVIRONMENT, outcome.exitCode(), outcome::out);
        assertTrue(outcome.err().contains("nosuch0"), outcome::err);
    }
}
