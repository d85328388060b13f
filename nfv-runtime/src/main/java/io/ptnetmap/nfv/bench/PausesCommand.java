// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import com.sun.management.ThreadMXBean;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "pauses",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures how long Java stops a chain at full rate, for garbage collection or anything else.",
            "",
            "Runs " + EndlessChain.FUNCTIONS + " in one process, with the options for the JVM that 'nfv run' "
                    + "has, and records its safepoints: at these, all threads stand still.",
            ""
        },
        footerHeading = "%n",
        footer = {
            "Exit codes:",
            "  0    measured",
            "  1    the chain failed or lost packets",
            "  2    the command line is wrong",
            "  3    the chain's file is wrong",
            "  4    the environment lacks something: a file cannot be read or written"
        })
final class PausesCommand implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration DRAIN_TIME = Duration.ofSeconds(5);
    private static final double MILLION = 1e6;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "1m",
            description = "How long to measure, such as 30s or 10m. Default: ${DEFAULT-VALUE}.")
    private Duration duration;

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "How long the chain runs before that. Default: ${DEFAULT-VALUE}.")
    private Duration warmUp;

    @Parameters(
            paramLabel = "CHAIN.yaml",
            arity = "0..1",
            description = "Run this chain instead, which must not end by itself; only this process is watched.")
    private Optional<Path> chain = Optional.empty();

    @Mixin
    private JsonOption json = new JsonOption();

    /**
     * What was measured, for {@code --json}.
     *
     * @param seconds that were measured
     * @param packets that left the first function meanwhile
     * @param stops in order of time
     * @param gaps between two batches of a function
     * @param allocatedBytes by all threads
     * @param residentBytes of the process at most
     * @param steal share of processor time that the hypervisor took meanwhile, 0 to 1
     * @param load processes that wanted to run, on average over the minute before
     */
    private record PausesReport(
            String scenario,
            String processor,
            String java,
            List<String> options,
            double seconds,
            long packets,
            List<SafepointRecording.Stop> stops,
            GapWatch.Gaps gaps,
            long allocatedBytes,
            long residentBytes,
            double steal,
            double load) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!duration.isPositive() || warmUp.isNegative()) {
            throw new ParameterException(spec.commandLine(), "--duration and --warm-up: give times above 0");
        }
        json.prepare();
        try (BenchDirectory directory = new BenchDirectory()) {
            Path usual = directory.write("pauses.yaml", EndlessChain.descriptor("pauses"));
            PausesReport report = measure(chain.orElse(usual), directory.path());
            print(report);
            json.write(report);
            return 0;
        } catch (BenchException failure) {
            spec.commandLine().getErr().println("nfv: " + failure.getMessage());
            return FAILED;
        }
    }

    private PausesReport measure(Path file, Path directory) throws IOException, InterruptedException {
        GapWatch gaps = new GapWatch();
        ChainDescriptor descriptor = ChainDescriptor.read(file);
        try (FunctionRegistry functions = FunctionRegistry.open(descriptor.functionPath())) {
            Chain resolved = descriptor.resolve(functions, descriptor.functionPath());
            LaunchOptions.Profile profile = new LaunchOptions.Profile(gaps, Optional.empty());
            LaunchOptions options = new LaunchOptions(
                    functions, Optional.empty(), LaunchOptions.Machines.ofThisUser(), Optional.of(profile));
            try (ChainRun run = new Launcher().launch(resolved, options)) {
                follow(run, warmUp);
                return measure(run, gaps, directory);
            }
        }
    }

    private PausesReport measure(ChainRun run, GapWatch gaps, Path directory) throws IOException, InterruptedException {
        try (SafepointRecording safepoints = SafepointRecording.start(directory)) {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            Machine.ProcessorTime processorTime = Machine.ProcessorTime.now();
            long allocated = threads.getTotalThreadAllocatedBytes();
            long packets = packets(run);
            gaps.reset();
            long began = System.nanoTime();
            follow(run, duration);
            GapWatch.Gaps found = gaps.found();
            List<SafepointRecording.Stop> stops = safepoints.finish();
            double seconds = (System.nanoTime() - began) / 1e9;
            PausesReport report = new PausesReport(
                    spec.name(),
                    Machine.model(),
                    Runtime.version().toString(),
                    ManagementFactory.getRuntimeMXBean().getInputArguments(),
                    seconds,
                    packets(run) - packets,
                    stops,
                    found,
                    threads.getTotalThreadAllocatedBytes() - allocated,
                    Machine.mostResidentBytes(),
                    Machine.ProcessorTime.now().stolenSince(processorTime),
                    Machine.load());
            run.drain(DRAIN_TIME);
            if (!run.conservation().holds()) {
                throw new BenchException("packets were lost: " + run.conservation());
            }
            return report;
        }
    }

    /** Looks at the chain as often as 'nfv run' does to show it. */
    private static void follow(ChainRun run, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() - end < 0) {
            try {
                if (run.await(LOOK)) {
                    throw new BenchException("the chain has ended by itself");
                }
            } catch (ChainFailedException failure) {
                throw new BenchException(failure.getMessage(), failure);
            }
            run.snapshot();
        }
    }

    private static long packets(ChainRun run) {
        return run.snapshot().hops().getFirst().sent();
    }

    private void print(PausesReport report) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(report.processor() + ", Java " + report.java());
        out.println("options: " + String.join(" ", report.options()));
        line(out, "%.0f s at %.1f Mpps", report.seconds(), report.packets() / report.seconds() / MILLION);
        out.println();
        out.printf("%-24s  %8s  %10s  %10s%n", "", "count", "over 1 ms", "longest");
        List<SafepointRecording.Stop> collections = report.stops().stream()
                .filter(SafepointRecording.Stop::isCollection)
                .toList();
        row(out, "garbage collections", collections);
        row(out, "all safepoints", report.stops());
        line(
                out,
                "%-24s  %8s  %10d  %7.2f ms",
                "gaps between batches",
                "",
                report.gaps().overMillisecond(),
                report.gaps().longestNanos() / MILLION);
        report.stops().stream()
                .filter(SafepointRecording.Stop::isLong)
                .forEach(stop ->
                        line(out, "  at %.1f s: %.2f ms, %s", stop.atSeconds(), stop.millis(), stop.operation()));
        line(
                out,
                "  allocated %.2f MB/s, resident at most %.0f MB, steal %.1f %%, load %.1f",
                report.allocatedBytes() / report.seconds() / MILLION,
                report.residentBytes() / MILLION,
                report.steal() * 100,
                report.load());
        out.flush();
    }

    private static void row(PrintWriter out, String name, List<SafepointRecording.Stop> stops) {
        line(
                out,
                "%-24s  %8d  %10d  %7.2f ms",
                name,
                stops.size(),
                stops.stream().filter(SafepointRecording.Stop::isLong).count(),
                stops.stream()
                        .mapToDouble(SafepointRecording.Stop::millis)
                        .max()
                        .orElse(0));
    }

    private static void line(PrintWriter out, String format, Object... figures) {
        out.println(String.format(Locale.ROOT, format, figures));
    }
}
