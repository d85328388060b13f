// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.Netmap;
import io.ptnetmap.host.AttachServer;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.HugePages;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.host.RegionPages;
import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.linux.UserSockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "host",
        mixinStandardHelpOptions = true,
        description = {
            "Keeps netmap ports for other programs of this user, until interrupted.",
            "",
            "Programs that open ports with Netmap.open, and chains, find the host at its default socket, or where "
                    + "PTNETMAP_HOST names it. It moves no packets, each program works on its own ends of the pipes; but for switches "
                    + "(nfv vale), whose ports it serves.",
            ""
        },
        footerHeading = "%n",
        footer = "Exit codes: 0 never by itself, 2 wrong usage, 4 the socket cannot be served, 130 interrupted.")
final class HostCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Unix socket to serve. Default: PTNETMAP_HOST, or host.sock in the user's runtime directory.")
    private Path socket;

    @Option(
            names = "--buffers",
            paramLabel = "N",
            defaultValue = "163840",
            description = "Packet buffers of the region; memory is taken as it is used. Default: ${DEFAULT-VALUE}.")
    private int buffers;

    @Option(
            names = "--buffer-size",
            paramLabel = "BYTES",
            defaultValue = "2048",
            description = "Size of a buffer, a multiple of 64. Default: ${DEFAULT-VALUE}.")
    private int bufferSize;

    @Option(
            names = "--huge-pages",
            paramLabel = "WHEN",
            description =
                    "auto: put the region into huge pages where enough have been set aside and are free; on: or fail;"
                            + " off. They are taken at once. Default: PTNETMAP_HUGE_PAGES, or off.")
    private Optional<HugePages> hugePages = Optional.empty();

    @Override
    public Integer call() throws InterruptedException {
        Path path = socket == null ? Netmap.namedSocket().orElseGet(HostCommand::defaultPath) : socket;
        try (EmbeddedHost host = EmbeddedHost.create(region());
                AttachServer server = host.serve(path)) {
            // Which lets interfaces be attached to switches with their host stacks.
            Netmap.over(host);
            // So that the socket goes when the process is interrupted.
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            RegionPages pages = host.pages(1);
            if (pages.wanted() != HugePages.OFF) {
                spec.commandLine().getOut().println("memory in " + pages);
            }
            spec.commandLine().getOut().println("serving netmap ports at " + server.path() + "; Ctrl-C ends it");
            spec.commandLine().getOut().flush();
            new CountDownLatch(1).await();
            return ExitCodes.OK;
        } catch (IllegalArgumentException wrongSizes) {
            throw new ParameterException(spec.commandLine(), wrongSizes.getMessage());
        }
    }

    private RegionConfig region() {
        RegionConfig region = RegionConfig.DEFAULT.withBuffers(buffers, bufferSize);
        return hugePages.map(region::withHugePages).orElse(region);
    }

    private static Path defaultPath() {
        Path path = Netmap.defaultSocket();
        try {
            UserSockets.createPrivate(path.getParent());
            return path;
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "cannot make the directory of " + path + ": " + FileErrors.why(failure), failure);
        }
    }
}
