// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "pipe",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures a netmap pipe between two Java processes, and a C program on the same rings beside it.",
            "",
            "Each round sends packets through a pipe of the embedded host, first between the Java processes, then "
                    + "between those of the C program, and checks that each arrived once, in order and unchanged.",
            ""
        },
        footerHeading = "%n",
        footer = {
            "Sender and receiver run on the first two processors that this process may use; taskset(1) chooses others.",
            "The C program is compiled by gcc for this processor; without gcc, Java is measured alone.",
            "",
            "Exit codes:",
            "  0    measured, and every packet accounted for",
            "  1    packets were lost or changed, or a process died",
            "  2    the command line is wrong",
            "  4    the environment lacks something: a file cannot be written"
        })
final class PipeCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int WARM_UPS = 5;
    private static final int MAX_SLOTS = 4096;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "SLOTS",
            defaultValue = "256",
            description = "Most packets between two syncs; a list measures each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batches;

    @Option(
            names = "--payload",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Bytes written and read in each packet, 0 or 8. Default: ${DEFAULT-VALUE}, slots only.")
    private int payload;

    @Option(
            names = "--packets",
            paramLabel = "COUNT",
            defaultValue = "20000000",
            description = "Packets of each round. Default: ${DEFAULT-VALUE}.")
    private long packets;

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

    @Override
    public Integer call() throws IOException {
        requireRange("--slots", slots, 2, MAX_SLOTS);
        batches.forEach(batch -> requireRange("--batch", batch, 1, slots - 1));
        requireRange("--packets", packets, 1, Long.MAX_VALUE / 1000);
        requireRange("--rounds", rounds, 1, 1000);
        if (payload != 0 && payload != Long.BYTES) {
            throw wrong("--payload " + payload + ": packets are touched in 0 or 8 bytes");
        }
        try {
            PipeReport report = measure();
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

    private void requireRange(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw wrong(option + " " + value + ": give " + least + " to " + most);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private PipeReport measure() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Optional<Path> program = Optional.empty();
        CTwin twin = CTwin.system();
        String compiled = twin.command();
        try {
            program = Optional.of(twin.program());
        } catch (CTwin.MissingException missing) {
            compiled = "no C figures: " + missing.getMessage();
        }
        try (PipeBenchmark benchmark = new PipeBenchmark(slots, program)) {
            PipeReport report = new PipeReport(
                    Machine.model(),
                    Runtime.version().toString(),
                    compiled,
                    benchmark.cpus(),
                    slots,
                    packets,
                    payload,
                    new ArrayList<>());
            printHead(report, out);
            for (int batch : batches) {
                PipeReport.Result result =
                        benchmark.measure(new Contender.Task(packets, batch, payload), WARM_UPS, rounds);
                report.results().add(result);
                print(result, out);
            }
            return report;
        }
    }

    private void printHead(PipeReport report, PrintWriter out) {
        out.println(report.processor() + ", processors " + report.cpus() + ", Java " + report.java());
        out.println("C: " + report.c());
        out.println(slots + " slots, " + payload + " bytes of payload, " + rounds + " rounds of " + packets
                + " packets; median Mpps and quartiles");
        if (report.cpus().getFirst().equals(report.cpus().getLast())) {
            out.println("note: sender and receiver share the only processor");
        }
        out.println();
        out.printf("%5s  %-24s  %-24s  %-6s  %-6s  %s%n", "batch", "Java", "C", "Java/C", "steal", "load");
        out.flush();
    }

    private static void print(PipeReport.Result result, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%5d  %-24s  %-24s  %-6s  %-6s  %.1f%n",
                result.batch(),
                text(result.javaMpps()),
                result.cMpps().map(PipeCommand::text).orElse("-"),
                result.ratio()
                        .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                        .orElse("-"),
                String.format(Locale.ROOT, "%.1f %%", result.steal() * 100),
                result.load());
        if (!result.steady()) {
            out.printf(
                    Locale.ROOT,
                    "       the quartiles are more than %.0f %% of the median apart: no ratio; "
                            + "try again on a quiet machine%n",
                    PipeReport.MAX_SPREAD * 100);
        }
        out.flush();
    }

    private static String text(Series series) {
        return String.format(
                Locale.ROOT, "%7.2f (%.2f - %.2f)", series.median(), series.lowerQuartile(), series.upperQuartile());
    }
}
