// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.nfv.options.HomeOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "start",
        description = {
            "Measures the time from './nfv run' to the first packet at the chain's end.",
            "",
            "Runs generator -> firewall -> monitor -> sink again and again by the launcher script: all in one process, and with the "
                    + "firewall in a process of its own, by turns.",
            ""
        },
        footer = {
            "Exit codes:",
            "  0    measured, and every packet accounted for",
            "  1    a run failed",
            "  2    the command line is wrong",
            "  4    the environment lacks something: a file cannot be read or written"
        })
final class StartCommand extends ScenarioCommand {
    private static final Metric FIRST_PACKET = new Metric("first packet", "s");
    private static final String CHAIN = """
            chain: start
            functions:
              - {type: generator, config: {count: 1000}}
              - {type: firewall, process: %s, config: {default: accept}}
              - {type: monitor, config: {top: 5}}
              - {type: sink}
            """;

    @Parameters(
            paramLabel = "CHAIN.yaml",
            arity = "0..1",
            description = "Start this chain instead, which must end by itself.")
    private Optional<Path> chain = Optional.empty();

    @Mixin
    private HomeOption home = new HomeOption();

    private Path launcher;

    @Override
    Map<String, Object> parameters() {
        return Map.of("chain", chain.map(Path::toString).orElse("generator, firewall, monitor, sink"));
    }

    @Override
    Map<String, String> prepare() throws IOException {
        launcher = home.launcher();
        return Map.of();
    }

    @Override
    void measure(Session session) throws IOException {
        Map<String, Path> chains = new LinkedHashMap<>();
        try (BenchDirectory directory = new BenchDirectory()) {
            if (chain.isPresent()) {
                chains.put("nfv", chain.get());
            } else {
                chains.put("one process", directory.write("one.yaml", CHAIN.formatted("same")));
                chains.put("firewall's own", directory.write("own.yaml", CHAIN.formatted("own")));
            }
            List<Contender> contenders = chains.entrySet().stream()
                    .map(entry ->
                            new Contender(entry.getKey(), () -> new double[] {secondsToFirstPacket(entry.getValue())}))
                    .toList();
            session.measure(new Variant(Map.of(), List.of(FIRST_PACKET), contenders));
        }
    }

    /** Runs a chain to its end. */
    private double secondsToFirstPacket(Path file) {
        try {
            Process process = new ProcessBuilder(launcher.toString(), "run", file.toString(), "--summary", "json")
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectError(Redirect.INHERIT)
                    .start();
            byte[] summary = process.getInputStream().readAllBytes();
            if (process.waitFor() != 0) {
                throw new BenchException("'nfv run " + file + "' fails");
            }
            JsonNode first = JsonMapper.shared().readTree(summary).path("secondsToFirstPacket");
            if (!first.isNumber()) {
                throw new BenchException("no packet came to the end of " + file);
            }
            return first.asDouble();
        } catch (JacksonException noSummary) {
            throw new BenchException("'nfv run " + file + "' printed no summary", noSummary);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot start " + launcher + ": " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }
}
