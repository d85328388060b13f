// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.cli.ChainSession.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            "  nfv run edge.yaml --pcap in.pcap             the same functions on recorded traffic",
            "  nfv run edge.yaml --functions target/my.jar  with a function of your own",
            "  nfv run edge.yaml --duration 30s --summary json",
            "  nfv run edge.yaml --profile                  where the time goes",
            "  nfv run vms.yaml --console fw                the console of virtual machine 'fw', on standard error",
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
                Terminal.isPresent(),
                machines.machines(),
                profile.map(this::recording));
        return new ChainSession(main.launcher(), spec.commandLine().getOut(), settings).run(chain);
    }

    private Path recording(String file) {
        String name = chain.getFileName().toString();
        return Path.of(file.isEmpty() ? name.replaceFirst("\\.ya?ml$", "") + ".jfr" : file);
    }
}
