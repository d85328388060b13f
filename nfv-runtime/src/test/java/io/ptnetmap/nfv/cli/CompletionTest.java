// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.JavaCommand;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What shells on a terminal make of lines in which somebody presses the tabulator key. */
class CompletionTest {
    private static final String CHAIN = """
            chain: edge
            functions:
              - type: trickle
              - {type: gate, config: {open: true, label: {a: b, c: d}}}
              - type: checking-sink
            """;
    /** Written by the command in the place of nfv. */
    private static final String SAYS = "line:";

    @TempDir
    private static Path directory;

    private static NodeProcess node;
    private static String address;

    @BeforeAll
    static void start() throws IOException {
        Curl.need("python3");
        address = "unix:" + directory.resolve("node.sock");
        node = NodeProcess.start(List.of(), directory.resolve("state"), "--listen", address);
        Path chain = Files.writeString(directory.resolve("edge.yaml"), CHAIN);
        CommandOutcome applied = CommandOutcome.of("apply", "-f", chain.toString(), "--node", address);
        assertEquals("", applied.err());
        // What is typed is shown rather than done, but for what the shell itself asks.
        Path nfv = Files.writeString(directory.resolve("nfv"), """
                #!/bin/sh
                case $1 in
                    complete | completion) exec %s "$@" ;;
                esac
                words=$(printf '%%s|' "$@")
                echo "%s$words"
                """.formatted(
                        JavaCommand.of(Main.class).stream()
                                .map(word -> "'" + word + "'")
                                .collect(Collectors.joining(" ")),
                        SAYS));
        Files.setPosixFilePermissions(nfv, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path typist = directory.resolve("typist.py");
        try (InputStream in = CompletionTest.class.getResourceAsStream("typist.py")) {
            Files.copy(in, typist);
        }
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (node != null) {
            node.end();
        }
    }

    /** Types lines into a shell; what {@code nfv} is called with, line by line, its words each with a bar behind. */
    private static List<String> type(String at, String shell, String setup, List<String> lines)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(
                List.of("python3", directory.resolve("typist.py").toString(), SAYS, Integer.toString(lines.size())));
        line.addAll(List.of(shell.split(" ")));
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("PATH", directory + ":" + System.getenv("PATH"));
        builder.environment().put("NFV_NODE", at);
        builder.environment().put("TERM", "dumb");
        builder.environment().put("HOME", directory.toString());
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write((setup + "\n" + String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        String shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        List<String> called = shown.lines()
                .map(String::strip)
                .filter(shownLine -> shownLine.startsWith(SAYS))
                .map(shownLine -> shownLine.substring(SAYS.length()))
                .toList();
        assertEquals(lines.size(), called.size(), shown);
        return called;
    }

    private static List<String> bash(String at, List<String> lines) throws IOException, InterruptedException {
        return type(at, "bash --norc --noprofile -i", "source <(nfv completion bash)", lines);
    }

    private static final List<String> TYPED = List.of(
            "nfv desc\t ch\t ed\t",
            "nfv get fu\t tr\t",
            "nfv get functions edge/g\t",
            "nfv tap tr\t -w fi\t",
            "nfv set ga\tla\tnull",
            "nfv set edge/gate.op\ttr\t",
            "nfv set gate op\tf\t",
            "nfv stop --chain\t",
            "nfv get functions -c e\t",
            "nfv events -f e\t",
            "nfv apply -f ed\t",
            "nfv get links -o w\t",
            "nfv node tok\t add --ro\t",
            "nfv get chains no\t");

    private static final List<String> MEANT = List.of(
            "describe|chains|edge|",
            "get|functions|trickle|",
            "get|functions|edge/gate|",
            "tap|trickle..gate|-w|file|",
            "set|gate.label=null|",
            "set|edge/gate.open=true|",
            "set|gate|open=false|",
            "stop|--chain|",
            "get|functions|-c|edge|",
            "events|-f|edge|",
            "apply|-f|edge.yaml|",
            "get|links|-o|wide|",
            "node|token|add|--role|",
            "get|chains|no|");

    @Test
    void bashCompletesNames() throws IOException, InterruptedException {
        Files.writeString(directory.resolve("file"), "");
        assertEquals(MEANT, bash(address, TYPED));
    }

    @Test
    void bashCompletesFilesWithValues() throws IOException, InterruptedException {
        Files.writeString(directory.resolve("rules.yaml"), "[]");
        Files.createDirectories(directory.resolve("parts"));
        Files.writeString(directory.resolve("parts/ports.yaml"), "[]");
        assertEquals(
                List.of("set|edge/gate.label=@rules.yaml|", "set|gate|label=@parts/ports.yaml|"),
                bash(address, List.of("nfv set edge/gate.label=@ru\t", "nfv set gate label=@pa\tpo\t")));
    }

    @Test
    void zshCompletesNames() throws IOException, InterruptedException {
        Curl.need("zsh");
        Files.writeString(directory.resolve("file"), "");
        assertEquals(MEANT, type(address, "zsh -f -i", "source <(nfv completion zsh)", TYPED));
    }

    @Test
    void whereNoNodeAnswersNothingIsShown() throws IOException, InterruptedException {
        String nowhere = "unix:" + directory.resolve("nobody.sock");
        assertEquals(
                List.of("get|chains|e|", "get|functions|"),
                bash(nowhere, List.of("nfv get chains e\t", "nfv get fu\t")));
        CommandOutcome silent = CommandOutcome.of("complete", "--", "get", "chains", "--node", nowhere, "");
        assertEquals(new CommandOutcome(0, "", ""), silent);
    }

    @Test
    void theHelpDoesNotShowWhatIsForShells() {
        String help = CommandOutcome.of("--help").out();
        assertTrue(help.contains("  completion "), help);
        assertTrue(!help.contains("  complete "), help);
    }
}
