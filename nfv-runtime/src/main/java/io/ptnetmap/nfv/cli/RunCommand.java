// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.Terminal;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.cli.ChainSession.Settings;
import io.ptnetmap.nfv.options.FunctionPathOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a chain until its sources are exhausted, its time is over or it is interrupted.",
            "",
            "Shows each function's packets, rate, drops by cause and how full the rings are, and ends with a summary that"
                    + " accounts for every packet. Ctrl-C lets the packets on their way arrive first.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv run edge.yaml",
            "  nfv run edge.yaml --pcap in.pcap             on recorded traffic",
            "  nfv run edge.yaml --functions target/my.jar  with a function of your own",
            "  nfv run edge.yaml --duration 30s --summary json",
            "  nfv run edge.yaml --profile                  where the time goes",
            "  nfv run edge.yaml --tap firewall..nat44=inside.pcapng,'udp port 53'",
            "  nfv run edge.yaml --trace 'host 10.1.0.5' --trace-count 3",
            "  nfv run vms.yaml --console fw                the console of machine 'fw'",
            "",
            "Exit codes: 0 all is well, 1 the chain failed or lost packets, 2 wrong usage, 3 wrong chain file,",
            "4 a permission, an interface, QEMU or a file is missing, 130 interrupted."
        })
final class RunCommand implements Callable<Integer> {
    /** Forms of the summary. */
    enum SummaryForm {
        TEXT,
        JSON
    }

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAIN.yaml", description = "The chain; docs/chain.md describes the format.")
    private Path chain;

    @Option(
            names = "--pcap",
            paramLabel = "FILE",
            description =
                    "Read packets from this capture: instead of the file of the chain's first pcap-source or, where"
                            + " there is none, instead of its first element.")
    private Optional<Path> pcap;

    @Mixin
    private FunctionPathOption functionPath;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            description = "Drain and end after this time, such as 500ms, 30s or 5m.")
    private Optional<Duration> duration;

    @Option(
            names = "--summary",
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json; json prints nothing else on standard output. Default: ${DEFAULT-VALUE}.")
    private SummaryForm summary;

    @Option(
            names = "--profile",
            paramLabel = "FILE.jfr",
            arity = "0..1",
            preprocessor = AttachedOnly.class,
            description =
                    "Find out where the time goes: show it at the end, and write a recording for JDK Flight Recorder's"
                            + " tools, replacing an earlier one. A function's own process writes FILE-FUNCTION.jfr beside it."
                            + " Default: the chain file's name, in this directory, with .jfr.")
    private Optional<String> profile;

    @Option(
            names = "--tap",
            paramLabel = "FROM..TO=FILE.pcapng[,FILTER]",
            description =
                    "Capture what passes between two functions, both ways; FILTER as in tcpdump. May be repeated.")
    private List<String> taps = List.of();

    @Option(
            names = "--trace",
            paramLabel = "FILTER",
            description =
                    "Follow the first packets that FILTER, as in tcpdump, wants ('' = any) through the functions: what each"
                            + " does to them, and how long it takes.")
    private Optional<String> trace;

    @Option(
            names = "--trace-count",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many of them. Default: ${DEFAULT-VALUE}.")
    private int traceCount;

    @Option(
            names = "--trace-from",
            paramLabel = "FUNCTION",
            defaultValue = "",
            description = "Look out for them where they come to this function. Default: where they enter the chain.")
    private String traceFrom;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Keep there what functions with 'persist' know, and begin with what the last run has kept.")
    private Optional<Path> state;

    @Mixin
    private MachineOptions machines;

    @Option(names = "--no-live", description = "Do not show the chain at work.")
    private boolean noLive;

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = new Settings(
                pcap,
                functionPath.paths(),
                duration,
                summary == SummaryForm.JSON,
                !noLive,
                Terminal.redraws(Terminal.OUTPUT),
                machines.machines(),
                state,
                profile.map(this::recording),
                watch());
        return new ChainSession(main.launcher(), spec.commandLine().getOut(), settings).run(chain);
    }

    private PacketWatch watch() {
        try {
            return new PacketWatch(
                    taps.stream().map(PacketWatch.TapWish::parse).toList(),
                    trace.map(filter -> new TraceOptions(filter, traceCount, traceFrom)));
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage(), wrong);
        }
    }

    private Path recording(String file) {
        String name = chain.getFileName().toString();
        return Path.of(file.isEmpty() ? name.replaceFirst("\\.ya?ml$", "") + ".jfr" : file);
    }
}
