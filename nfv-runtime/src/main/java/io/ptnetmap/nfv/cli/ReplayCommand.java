// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.Netmap;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolPorts;
import io.ptnetmap.nfv.tools.replay.Bandwidth;
import io.ptnetmap.nfv.tools.replay.Delay;
import io.ptnetmap.nfv.tools.replay.Loss;
import io.ptnetmap.nfv.tools.replay.Replayer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nfv nmreplay}, with the options of netmap's. */
@Command(
        name = "nmreplay",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends a capture file through an emulated link: bandwidth, delay, loss.",
            "",
            "Reports once a second on standard error, and a summary at the end.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv nmreplay -f in.pcap -i netmap:x{1               in the file's rhythm",
            "  nfv nmreplay -f in.pcap -i eth0 -B real,10          ten times as fast",
            "  nfv nmreplay -f in.pcap -i eth0 -B ether,100M -D uniform,10m,20m -L 0.001",
            "",
            "Exit codes: 0 all is well, 2 wrong usage, 4 the file or the port cannot be",
            "opened or has failed, 130 interrupted."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final int BURST = 128;
    private static final int LINK_WAIT = 2;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-f", "--file"},
            required = true,
            paramLabel = "FILE",
            description = "pcap or pcapng file.")
    private Path file;

    @Option(
            names = {"-i", "--port"},
            required = true,
            paramLabel = "PORT",
            description = "Output; a bare name is netmap's.")
    private String port;

    @Option(
            names = {"-B", "--bandwidth"},
            paramLabel = "BANDWIDTH",
            defaultValue = "real",
            description = "BPS, constant,BPS, ether,BPS (24 bytes more per packet) or real[,SPEED] (real).")
    private String bandwidth;

    @Option(
            names = {"-D", "--delay"},
            paramLabel = "DELAY",
            defaultValue = "0",
            description = "T, constant,T, uniform,MIN,MAX or exp,MIN,AVG; in s, or with m, u, n (0).")
    private String delay;

    @Option(
            names = {"-L", "--loss"},
            paramLabel = "LOSS",
            defaultValue = "0",
            description = "P, plr,P (of packets) or ber,P (of bits), P from 0 to 1 (0).")
    private String loss;

    @Mixin
    private BurstOption burst = new BurstOption(BURST);

    @Mixin
    private WaitLinkOption waitLink;

    @Option(
            names = {"-C", "--cpu"},
            split = ",",
            hideParamSyntax = true,
            paramLabel = "CPU[,...]",
            description = "Processor to run on; of several numbers the last counts.")
    private List<Integer> cpus = List.of();

    @Override
    public Integer call() {
        Replayer.Settings settings = ToolFailures.usage(spec, this::settings);
        try (StopSignal stop = new StopSignal()) {
            ToolFailures.usage(spec, () -> {
                new Replayer(
                                settings,
                                spec.commandLine().getOut(),
                                spec.commandLine().getErr())
                        .run(Netmap.system(), stop);
                return 0;
            });
        }
        return ExitCodes.OK;
    }

    Replayer.Settings settings() {
        String full = ToolPorts.complete(port);
        return new Replayer.Settings(
                file,
                RingConfig.writing(full),
                burst.packets(),
                waitLink.seconds(LINK_WAIT, full),
                cpus.isEmpty() ? -1 : cpus.getLast(),
                Bandwidth.parse(bandwidth),
                Delay.parse(delay),
                Loss.parse(loss));
    }
}
