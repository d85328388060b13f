// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.Netmap;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolPorts;
import io.ptnetmap.nfv.tools.lb.LoadBalancer;
import io.ptnetmap.nfv.tools.lb.LoadBalancerConfig;
import io.ptnetmap.nfv.tools.lb.LoadBalancerConfig.Group;
import io.ptnetmap.nfv.tools.lb.Statistics;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nfv lb}, with the options of netmap's. */
@Command(
        name = "lb",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Deals the packets of a port out to pipes, all of a flow to the same one.",
            "",
            "Programs receive from the other ends: NAME}0, NAME}1 and so on. Of several groups, a packet visits one pipe"
                    + " each: when a program of one group has given it back, it goes on to the next.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv lb -i eth0 -p 4                  to netmap:eth0}0 ... netmap:eth0}3",
            "  nfv lb -i eth0 -p ids:2 -p log:1     each packet to one of ids, then to log",
            "  nfv lb -i netmap:x}1 -p web:8 -B 10000 -o 1",
            "",
            "Exit codes: 0 the input has ended, 2 wrong usage, 4 a port cannot be opened or",
            "has failed, 130 interrupted."
        })
final class LoadBalancerCommand implements Callable<Integer> {
    private static final int BURST = 2048;
    private static final int LINK_WAIT = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-i", "--port"},
            required = true,
            paramLabel = "PORT",
            description = "Input; a bare name is netmap's.")
    private String port;

    @Option(
            names = {"-p", "--pipes"},
            paramLabel = "[NAME:]N",
            description = "A group of N output pipes, named like the port by default (one group of 2).")
    private List<String> groups = List.of("2");

    @Option(
            names = {"-B", "--extra-buffers"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Buffers for packets that wait for room in their pipe (0).")
    private int extraBuffers;

    @Mixin
    private BurstOption burst = new BurstOption(BURST);

    @Mixin
    private WaitLinkOption waitLink;

    @Option(
            names = {"-W", "--busy-wait"},
            description = "Never sleep.")
    private boolean busyWait;

    @Option(
            names = {"-o", "--statistics"},
            paramLabel = "S",
            defaultValue = "0",
            description = "Statistics every so many seconds, lines of JSON (0 = at the end only).")
    private int stdoutSeconds;

    @Option(
            names = {"-s", "--syslog"},
            paramLabel = "S",
            defaultValue = "0",
            description = "Likewise into the system's log (0 = never).")
    private int syslogSeconds;

    @Override
    public Integer call() {
        LoadBalancerConfig config = ToolFailures.usage(spec, this::config);
        PrintWriter err = spec.commandLine().getErr();
        try (StopSignal stop = new StopSignal();
                LoadBalancer balancer = ToolFailures.usage(spec, () -> new LoadBalancer(config, Netmap.system()))) {
            balancer.describe().forEach(err::println);
            err.flush();
            balancer.run(stop, new Statistics(spec.commandLine().getOut(), err));
        }
        return ExitCodes.OK;
    }

    LoadBalancerConfig config() {
        String full = ToolPorts.complete(port);
        return new LoadBalancerConfig(
                full,
                groups.stream().map(group -> Group.parse(group, full)).toList(),
                extraBuffers,
                burst.packets(),
                waitLink.seconds(LINK_WAIT, full),
                busyWait,
                stdoutSeconds,
                syslogSeconds);
    }
}
