// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures the time from './nfv run' to the first packet at the chain's end.",
            "",
            "Runs generator -> firewall -> monitor -> sink again and again by the launcher script: all in one process, and with the "
                    + "firewall in a process of its own, by turns.",
            ""
        },
        footerHeading = "%n",
        footer = {
            "Exit codes:",
            "  0    measured",
            "  1    a run failed",
            "  2    the command line is wrong",
            "  4    the environment lacks something: a file cannot be read or written"
        })
final class StartCommand implements Callable<Integer> {
    private static final int WARM_UPS = 1;
    private static final int FAILED = 1;
    private static final String ROW = "%-28s  %-24s  %-15s%n";
    private static final String CHAIN = """
            chain: start
            functions:
              - {type: generator, config: {count: 1000}}
              - {type: firewall, process: %s, config: {default: accept}}
              - {type: monitor, config: {top: 5}}
              - {type: sink}
            """;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rounds",
            paramLabel = "COUNT",
            defaultValue = "7",
            description =
                    "Starts of each chain that count, after " + WARM_UPS + " that does not. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--chain", paramLabel = "FILE", description = "Start this chain instead, which must end by itself.")
    private Optional<Path> chain = Optional.empty();

    @Option(
            names = "--home",
            paramLabel = "DIR",
            defaultValue = "${env:NFV_HOME:-.}",
            description = "The checkout that has the launcher script. Default: that of this command.")
    private Path home;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all that was measured to a file.")
    private Optional<Path> json = Optional.empty();

    /**
     * What was measured, for {@code --json}.
     *
     * @param seconds to the first packet, by chain
     * @param steal share of processor time that the hypervisor took meanwhile, 0 to 1
     * @param load processes that wanted to run, on average over the minute before
     */
    private record StartReport(
            String scenario, String processor, String java, Map<String, Series> seconds, double steal, double load) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rounds < 1 || rounds > 1000) {
            throw new ParameterException(spec.commandLine(), "--rounds " + rounds + ": give 1 to 1000");
        }
        Path launcher = home.resolve("nfv").toAbsolutePath();
        if (!Files.isExecutable(launcher)) {
            throw new NoSuchFileException(launcher + ": no launcher script there; name the checkout by --home");
        }
        Path directory = Files.createTempDirectory("ptnetmap-bench");
        try {
            StartReport report = measure(launcher, chains(directory));
            print(report);
            if (json.isPresent()) {
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValue(json.get(), report);
            }
            return 0;
        } catch (BenchException failure) {
            spec.commandLine().getErr().println("nfv: " + failure.getMessage());
            return FAILED;
        } finally {
            delete(directory);
        }
    }

    /** What to start, by what it is called in the table. */
    private Map<String, Path> chains(Path directory) throws IOException {
        Map<String, Path> chains = new LinkedHashMap<>();
        if (chain.isPresent()) {
            chains.put(chain.get().getFileName().toString(), chain.get());
        } else {
            chains.put("one process", write(directory.resolve("one.yaml"), "same"));
            chains.put("a function in its own", write(directory.resolve("own.yaml"), "own"));
        }
        return chains;
    }

    private static Path write(Path file, String process) throws IOException {
        return Files.writeString(file, CHAIN.formatted(process));
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private StartReport measure(Path launcher, Map<String, Path> chains) throws IOException, InterruptedException {
        Map<String, List<Double>> seconds = new LinkedHashMap<>();
        Machine.ProcessorTime before = Machine.ProcessorTime.now();
        for (int i = -WARM_UPS; i < rounds; i++) {
            for (Map.Entry<String, Path> entry : chains.entrySet()) {
                double first = start(launcher, entry.getValue());
                if (i >= 0) {
                    seconds.computeIfAbsent(entry.getKey(), key -> new ArrayList<>())
                            .add(first);
                }
            }
        }
        Map<String, Series> series = new LinkedHashMap<>();
        seconds.forEach((name, rows) -> series.put(name, Series.of(rows)));
        return new StartReport(
                spec.name(),
                Machine.model(),
                Runtime.version().toString(),
                series,
                Machine.ProcessorTime.now().stolenSince(before),
                Machine.load());
    }

    /** Runs a chain to its end. Returns the seconds from the script's start to the first packet. */
    private static double start(Path launcher, Path file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(launcher.toString(), "run", file.toString(), "--summary", "json")
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(Redirect.INHERIT)
                .start();
        byte[] summary = process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
            throw new BenchException("'nfv run " + file + "' fails");
        }
        try {
            JsonNode first = JsonMapper.shared().readTree(summary).path("secondsToFirstPacket");
            if (!first.isNumber()) {
                throw new BenchException("no packet came to the end of " + file);
            }
            return first.asDouble();
        } catch (JacksonException noSummary) {
            throw new BenchException("'nfv run " + file + "' printed no summary", noSummary);
        }
    }

    private void print(StartReport report) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(report.processor() + ", Java " + report.java());
        out.println("seconds from './nfv run' to the first packet; medians and quartiles of " + rounds + " starts");
        out.println();
        out.printf(ROW, "", "seconds", "fastest, slowest");
        report.seconds()
                .forEach((name, series) -> out.printf(
                        ROW,
                        name,
                        text("%.2f (%.2f - %.2f)", series.median(), series.lowerQuartile(), series.upperQuartile()),
                        text(
                                "%.2f, %.2f",
                                series.rounds().stream().min(Double::compare).orElseThrow(),
                                series.rounds().stream().max(Double::compare).orElseThrow())));
        out.printf(Locale.ROOT, "  steal %.1f %%, load %.1f%n", report.steal() * 100, report.load());
        out.flush();
    }

    private static String text(String format, Object... figures) {
        return String.format(Locale.ROOT, format, figures);
    }
}
