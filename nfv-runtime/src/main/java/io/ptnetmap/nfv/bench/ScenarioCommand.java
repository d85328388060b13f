// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the subcommands of {@code nfv bench} have in common: rounds by turns, a table as it grows, a report. */
@Command(
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footerHeading = "%n",
        footer = {
            "What is measured runs on the first two processors that this process may use; taskset(1) chooses others.",
            "",
            "Exit codes:",
            "  0    measured, and every packet accounted for",
            "  1    packets were lost or changed, or a process died",
            "  2    the command line is wrong",
            "  3    a chain's file or a function's configuration is wrong",
            "  4    the environment lacks something: a file cannot be written"
        })
abstract class ScenarioCommand implements Callable<Integer> {
    private static final int WARM_UPS = 5;
    private static final int FAILED = 1;
    private static final String HEAD = "%n%-28s  %10s  %-22s  %s%n";
    private static final String ROW = "  %-26s  %10.2f  %-22s  %s%n";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--rounds",
            paramLabel = "COUNT",
            defaultValue = "7",
            description = "Rounds that count, after " + WARM_UPS + " that do not. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Mixin
    private JsonOption json = new JsonOption();

    /** Measures variants one by one, shows each and adds it to the report. */
    interface Session {
        void measure(Variant variant);
    }

    /**
     * Looks for what contenders need. Called once, after {@link #parameters}.
     *
     * @return of each contender but Java what it is made with, or why it is missing
     */
    abstract Map<String, String> prepare() throws IOException;

    /**
     * Checks the options, and says what all variants have in common, for the table's head and the report.
     *
     * @throws ParameterException if an option is wrong
     */
    abstract Map<String, Object> parameters();

    /**
     * Starts the contenders, measures the variants and ends the contenders.
     *
     * @throws BenchException if packets were lost or changed, or a process died
     */
    abstract void measure(Session session) throws IOException;

    @Override
    public final Integer call() throws IOException {
        requireRange("--rounds", rounds, 1, 1000);
        Map<String, Object> parameters = new LinkedHashMap<>(parameters());
        json.prepare();
        Report.Environment environment =
                new Report.Environment(Machine.model(), Runtime.version().toString(), prepare(), Machine.pair());
        Report report = new Report(spec.name(), environment, parameters, new ArrayList<>());
        printHead(report);
        Progress progress = Progress.onTerminal(spec.commandLine().getErr());
        Rounds turns = new Rounds(WARM_UPS, rounds, progress);
        try {
            measure(variant -> {
                Report.Result result = turns.measure(variant);
                report.results().add(result);
                print(result);
            });
        } catch (BenchException failure) {
            progress.clear();
            spec.commandLine().getErr().println("nfv: " + failure.getMessage());
            return FAILED;
        }
        json.write(report);
        return 0;
    }

    final void requireRange(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw wrong(option + " " + value + ": give " + least + " to " + most);
        }
    }

    final ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void printHead(Report report) {
        PrintWriter out = spec.commandLine().getOut();
        Report.Environment environment = report.environment();
        out.println(environment.processor() + ", processors " + environment.cpus() + ", Java " + environment.java());
        environment.others().forEach((name, how) -> out.println(name + ": " + how));
        out.println(Variant.text(report.parameters()) + "; medians and quartiles of " + rounds + " rounds");
        if (environment.cpus().getFirst().equals(environment.cpus().getLast())) {
            out.println("note: all share the only processor");
        }
        out.flush();
    }

    private void print(Report.Result result) {
        PrintWriter out = spec.commandLine().getOut();
        String title = Variant.text(result.parameters());
        for (Report.Measured measured : result.metrics()) {
            String first = measured.contenders().keySet().iterator().next();
            String what = result.metrics().size() == 1 && !title.isEmpty()
                    ? title
                    : (title.isEmpty() ? "" : title + ", ") + measured.metric().name();
            boolean compared =
                    measured.metric().compared() && measured.contenders().size() > 1;
            out.printf(Locale.ROOT, HEAD, what, measured.metric().unit(), "", compared ? first + " / other" : "");
            measured.contenders()
                    .forEach((name, series) -> out.printf(
                            Locale.ROOT,
                            ROW,
                            name,
                            series.median(),
                            String.format(Locale.ROOT, "(%.2f - %.2f)", series.lowerQuartile(), series.upperQuartile()),
                            compared && !name.equals(first) ? ratio(measured, name) : ""));
            if (measured.unsteady()) {
                out.printf(
                        Locale.ROOT,
                        "  -: quartiles more than %.0f %% of the median apart, so no ratio; try again on a quiet machine%n",
                        Report.MAX_SPREAD * 100);
            }
        }
        out.printf(
                Locale.ROOT,
                "  steal %.1f %%, load %.1f, a cache line there and back %.0f ns before, %.0f ns after%n",
                result.steal() * 100,
                result.load(),
                result.cacheLine().getFirst(),
                result.cacheLine().getLast());
        out.flush();
    }

    private static String ratio(Report.Measured measured, String contender) {
        Double ratio = measured.ratios().get(contender);
        return ratio == null ? "-" : String.format(Locale.ROOT, "%.2f", ratio);
    }
}
