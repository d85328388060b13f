// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.Netmap;
import io.ptnetmap.nfv.tools.Bridge;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code nfv bridge}, with the options of netmap's. */
@Command(
        name = "bridge",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Joins two ports: what comes in at one goes out at the other, both ways.",
            "",
            "Without copying where both lie in one region. With one port, its host rings are the other one. -v tells once a"
                    + " second what has been moved.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv bridge -i eth0 -i eth1",
            "  nfv bridge netmap:eth0 netmap:x{1",
            "  nfv bridge -i eth0                  eth0 and the kernel's stack behind it",
            "  nfv bridge pcap:in.pcap netmap:x{1  ends with the file",
            "",
            "Exit codes: 0 the ports have ended, 2 wrong usage, 4 a port cannot be opened or",
            "has failed, 130 interrupted."
        })
final class BridgeCommand implements Callable<Integer> {
    private static final int BURST = 1024;
    private static final int WAIT = 4;

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-i", "--port"},
            paramLabel = "PORT",
            description = "A port; twice for two.")
    private List<String> ports = List.of();

    @Parameters(
            arity = "0..3",
            paramLabel = "PORT [PORT [BURST]]",
            hideParamSyntax = true,
            description = "The ports, instead of -i.")
    private List<String> positional = List.of();

    @Mixin
    private BurstOption burst = new BurstOption(BURST);

    @Mixin
    private WaitLinkOption waitLink;

    @Option(
            names = {"-c", "--copy"},
            description = "Copy packets even where buffers could move.")
    private boolean copy;

    @Option(
            names = {"-L", "--loopback"},
            description = "With one port: send back what comes in.")
    private boolean loopback;

    @Override
    public Integer call() {
        Bridge.Settings settings = ToolFailures.usage(spec, this::settings);
        try (StopSignal stop = new StopSignal()) {
            long[] moved = ToolFailures.usage(
                    spec, () -> new Bridge(settings, spec.commandLine().getErr()).run(Netmap.system(), stop));
            spec.commandLine().getOut().println("Moved " + moved[0] + " slots there, " + moved[1] + " back.");
            spec.commandLine().getOut().flush();
        }
        return ExitCodes.OK;
    }

    Bridge.Settings settings() {
        ToolFailures.require(
                spec, ports.isEmpty() || positional.isEmpty(), "give the ports by -i or without it, not both");
        List<String> names = new ArrayList<>(ports.isEmpty() ? positional : ports);
        int size = burst.packets();
        if (names.size() == 3 && !positional.isEmpty()) {
            size = number(names.removeLast());
        }
        ToolFailures.require(spec, !names.isEmpty(), "which ports? Give two, by -i A -i B");
        ToolFailures.require(spec, names.size() <= 2, "a bridge has two ports, not " + names.size());
        names.replaceAll(ToolPorts::complete);
        boolean single = names.size() == 1 || names.getFirst().equals(names.getLast());
        ToolFailures.require(spec, single || !loopback, "-L is for one port: leave out -L or the second port");
        String first = names.getFirst();
        String second = !single ? names.getLast() : loopback ? "" : hostRings(first);
        return new Bridge.Settings(
                first, second, size, waitLink.seconds(WAIT, first, second), copy, main != null && main.verbose());
    }

    private int number(String text) {
        ToolFailures.require(spec, text.matches("[0-9]{1,9}"), "'" + text + "' is no number of packets");
        return Integer.parseInt(text);
    }

    private String hostRings(String port) {
        Optional<String> name = ToolPorts.interfaceOf(port);
        ToolFailures.require(
                spec,
                name.isPresent() && !port.contains("^"),
                port + " has no host rings to be joined with: give a second port, or -L to send back what comes in");
        return "netmap:" + name.get() + "^";
    }
}
