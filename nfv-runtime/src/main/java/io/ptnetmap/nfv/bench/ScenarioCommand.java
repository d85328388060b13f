// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
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
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What the subcommands of {@code nfv bench} have in common: rounds by turns, a table as it grows, a report. */
@Command(
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "The two processes run on the first two processors that this one may use; taskset(1) chooses others.",
            "The C program is compiled by gcc for this processor; without gcc, Java is measured alone.",
            "",
            "Exit codes:",
            "  0    measured, and every packet accounted for",
            "  1    packets were lost or changed, or a process died",
            "  2    the command line is wrong",
            "  4    the environment lacks something: a file cannot be written"
        })
abstract class ScenarioCommand implements Callable<Integer> {
    static final int WARM_UPS = 5;
    private static final int FAILED = 1;
    private static final int MAX_SLOTS = 4096;
    private static final String ROW = "%-28s  %-26s  %-26s  %-6s%n";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rounds",
            paramLabel = "COUNT",
            defaultValue = "7",
            description = "Rounds that count, after " + WARM_UPS + " that do not. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--slots",
            paramLabel = "SLOTS",
            defaultValue = "1024",
            description = "Slots of each ring. Default: ${DEFAULT-VALUE}.")
    private int slots;

    @Option(names = "--json", paramLabel = "FILE", description = "Write all that was measured to a file.")
    private Optional<Path> json = Optional.empty();

    /**
     * One line or more of the table.
     *
     * @param parameters what is special about it
     */
    record Variant(Map<String, Object> parameters, ProcessPair.Task task) {}

    /** The processes that are needed. */
    abstract Comparison.Setting setting(int slots);

    /** What is measured, after the options have been found good. */
    abstract List<Variant> variants(int slots);

    /** What all variants have in common, for the table's head and the report. */
    abstract Map<String, Object> parameters();

    @Override
    public final Integer call() throws IOException {
        requireRange("--slots", slots, 2, MAX_SLOTS);
        requireRange("--rounds", rounds, 1, 1000);
        List<Variant> variants = variants(slots);
        try {
            Report report = measure(variants);
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
        }
    }

    final void requireRange(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw wrong(option + " " + value + ": give " + least + " to " + most);
        }
    }

    final ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private Report measure(List<Variant> variants) throws IOException {
        Optional<Path> program = Optional.empty();
        CTwin twin = CTwin.system();
        String compiled = twin.command();
        try {
            program = Optional.of(twin.program());
        } catch (CTwin.MissingException missing) {
            compiled = "no C figures: " + missing.getMessage();
        }
        Report.Environment environment = new Report.Environment(
                Machine.model(), Runtime.version().toString(), compiled, Comparison.processors());
        Report report = new Report(spec.name(), environment, parameters(), new ArrayList<>());
        try (Comparison comparison = new Comparison(setting(slots), program)) {
            printHead(report);
            for (Variant variant : variants) {
                Report.Result result = comparison.measure(variant.task(), variant.parameters(), WARM_UPS, rounds);
                report.results().add(result);
                print(result);
            }
            return report;
        }
    }

    private void printHead(Report report) {
        PrintWriter out = spec.commandLine().getOut();
        Report.Environment environment = report.environment();
        out.println(environment.processor() + ", processors " + environment.cpus() + ", Java " + environment.java());
        out.println("C: " + environment.c());
        out.println(
                slots + " slots, " + text(report.parameters()) + "; medians and quartiles of " + rounds + " rounds");
        if (environment.cpus().getFirst().equals(environment.cpus().getLast())) {
            out.println("note: both processes share the only processor");
        }
        out.println();
        out.printf(Locale.ROOT, ROW, "", "Java", "C", "Java/C");
        out.flush();
    }

    private static String text(Map<String, Object> parameters) {
        return String.join(
                ", ",
                parameters.entrySet().stream()
                        .map(parameter -> parameter.getKey() + " " + parameter.getValue())
                        .toList());
    }

    private void print(Report.Result result) {
        PrintWriter out = spec.commandLine().getOut();
        for (Report.Measured measured : result.metrics()) {
            String what = result.parameters().isEmpty() ? measured.metric().name() : text(result.parameters());
            Iterator<Series> series = measured.contenders().values().iterator();
            out.printf(
                    Locale.ROOT,
                    ROW,
                    what + ", " + measured.metric().unit(),
                    text(series.next()),
                    series.hasNext() ? text(series.next()) : "-",
                    measured.ratio()
                            .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                            .orElse("-"));
            if (!measured.steady()) {
                out.printf(
                        Locale.ROOT,
                        "  the quartiles are more than %.0f %% of the median apart: no ratio; try again on a quiet machine%n",
                        Report.MAX_SPREAD * 100);
            }
        }
        out.printf(Locale.ROOT, "  steal %.1f %%, load %.1f%n", result.steal() * 100, result.load());
        out.flush();
    }

    private static String text(Series series) {
        return String.format(
                Locale.ROOT, "%8.2f (%.2f - %.2f)", series.median(), series.lowerQuartile(), series.upperQuartile());
    }
}
