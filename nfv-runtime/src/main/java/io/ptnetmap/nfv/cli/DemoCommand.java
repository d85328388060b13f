// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.Terminal;
import io.ptnetmap.nfv.cli.ChainSession.Settings;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.options.HomeOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Runs pcap-source -> firewall -> nat44 -> monitor -> pcap-sink on traffic recorded from real programs:"
                    + " first all in one process, then with nat44 in a process of its own.",
            ""
        },
        footerHeading = "%n",
        footer = "Exit codes: as those of 'nfv run'.")
final class DemoCommand implements Callable<Integer> {
    private static final String CHAINS = "samples/chains";

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HomeOption home = new HomeOption();

    @Option(names = "--no-live", description = "Do not show the chains at work.")
    private boolean noLive;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Path chains = home.path().resolve(CHAINS).toAbsolutePath().normalize();
        if (!Files.isDirectory(chains)) {
            throw new NoSuchFileException(chains.toString(), null, "no such directory; name the checkout by --home");
        }
        Files.createDirectories(home.path().resolve("samples/target"));
        out.println("A firewall and a NAT on recorded traffic, all in one process:");
        int one = run(chains.resolve("demo.yaml"), out);
        out.println();
        out.println("The same with nat44 in a process of its own, behind netmap pipes in shared memory:");
        int two = run(chains.resolve("demo-two-processes.yaml"), out);
        out.println();
        out.println("Try next");
        out.println("  ./nfv run " + chains.resolve("demo.yaml") + " --pcap YOUR.pcap");
        out.println("  ./nfv functions firewall");
        out.println("  ./nfv new-function my-function");
        out.flush();
        return Math.max(one, two);
    }

    private int run(Path chain, PrintWriter out) throws InterruptedException {
        out.flush();
        Settings settings = new Settings(
                Optional.empty(),
                List.of(),
                Optional.empty(),
                false,
                !noLive,
                Terminal.redraws(Terminal.OUTPUT),
                LaunchOptions.Machines.ofThisUser(),
                Optional.empty(),
                Optional.empty(),
                new PacketWatch(List.of(), Optional.empty()));
        return new ChainSession(main.launcher(), out, settings).run(chain);
    }
}
