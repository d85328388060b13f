// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.Netmap;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.PortSpec;
import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
        name = "vale",
        description = {
            "Manages VALE switches: those of the host that programs attach to (nfv host), or of /dev/netmap.",
            "",
            "A switch is there as long as it has a port. Whoever opens vale0:a makes port a of switch vale0, in a memory "
                    + "region of its own; other ports are attached here.",
            ""
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%n",
        footer = "Exit codes: 0 done, 2 wrong usage, 4 refused, or there is no host.")
final class ValeCommand {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--help",
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help message and exit.")
    private boolean help;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "Socket of the host. Default: PTNETMAP_HOST, or host.sock in the user's runtime directory.")
    private Optional<Path> socket = Optional.empty();

    /** Wishes for what a command makes. */
    static final class Wishes {
        @Option(
                names = "-C",
                split = ",",
                paramLabel = "N",
                description = "Transmit slots, receive slots, transmit rings, receive rings; as many as are given.")
        private List<Integer> sizes = List.of();

        @Option(
                names = "-m",
                paramLabel = "MEM_ID|PORT",
                description = "Memory region, by its number or as a port's. Default: one of its own.")
        private String region = "";
    }

    @Command(name = "list", description = "Shows the ports of all switches, with what has passed and what was lost.")
    int list() {
        List<SwitchPort> ports = withDriver(NetmapDriver::valeList);
        PrintWriter out = spec.commandLine().getOut();
        if (ports.isEmpty()) {
            out.println("no switch has a port");
            return ExitCodes.OK;
        }
        TextTable table = new TextTable("lrrrrrr", "port", "switch", "number", "sent", "copies", "received", "dropped");
        for (SwitchPort port : ports) {
            boolean attached = port.bridge() != SwitchPort.UNATTACHED;
            table.row(
                    port.name(),
                    attached ? String.valueOf(port.bridge()) : "-",
                    attached ? String.valueOf(port.port()) : "-",
                    count(port, SwitchPort.Traffic::taken),
                    count(port, SwitchPort.Traffic::copies),
                    count(port, SwitchPort.Traffic::delivered),
                    count(port, ValeCommand::dropped));
        }
        table.lines().forEach(out::println);
        TextTable drops = new TextTable("llr", "dropped at", "because", "packets");
        ports.forEach(port -> port.traffic().ifPresent(traffic -> {
            for (DropCause cause : DropCause.values()) {
                if (traffic.dropped(cause) > 0) {
                    drops.row(port.name(), cause.text(), number(traffic.dropped(cause)));
                }
            }
        }));
        if (drops.lines().size() > 1) {
            out.println();
            drops.lines().forEach(out::println);
        }
        return ExitCodes.OK;
    }

    private static String count(SwitchPort port, Function<SwitchPort.Traffic, Long> counter) {
        return port.traffic().map(counter).map(ValeCommand::number).orElse("-");
    }

    private static String number(long packets) {
        return String.format(Locale.ROOT, "%,d", packets);
    }

    private static long dropped(SwitchPort.Traffic traffic) {
        return traffic.drops().values().stream().mapToLong(Long::longValue).sum();
    }

    @Command(
            name = "attach",
            description = "Makes a network interface or a persistent port one of a switch, until it is detached.")
    int attach(
            @Parameters(paramLabel = "SWITCH:PORT", description = "Such as vale0:eth0.") String name,
            @Option(names = "-h", description = "With the interface's host stack as a port of its own, SWITCH:PORT^.")
                    boolean hostStack,
            @Mixin Wishes wishes) {
        int mode = hostStack ? NmreqRegister.NR_REG_NIC_SW : NmreqRegister.NR_REG_ALL_NIC;
        int number = withDriver(driver -> driver.valeAttach(request(driver, name, mode, wishes)));
        return say(name + " has number " + number);
    }

    @Command(name = "detach", description = "Takes an interface or a persistent port from its switch.")
    int detach(@Parameters(paramLabel = "SWITCH:PORT") String name) {
        int number = withDriver(driver -> driver.valeDetach(name));
        return say(name + " had number " + number);
    }

    @Command(
            name = "newif",
            description = "Makes a persistent port: it keeps its place at a switch while nobody has it open.")
    int newif(
            @Parameters(paramLabel = "NAME", description = "Not a switch's port's, such as v0.") String name,
            @Mixin Wishes wishes) {
        int region =
                withDriver(driver -> driver.valeNewif(request(driver, name, NmreqRegister.NR_REG_ALL_NIC, wishes)));
        return say(name + (region == 0 ? " gets a region of its own when it is opened" : " is in region " + region));
    }

    @Command(name = "delif", description = "Deletes a persistent port that is neither attached nor open.")
    int delif(@Parameters(paramLabel = "NAME") String name) {
        withDriver(driver -> {
            driver.valeDelif(name);
            return 0;
        });
        return say(name + " is gone");
    }

    private int say(String text) {
        spec.commandLine().getOut().println(text);
        return ExitCodes.OK;
    }

    private PortRequest request(NetmapDriver driver, String name, int mode, Wishes wishes) {
        return new PortRequest(
                name,
                mode,
                0,
                0,
                region(driver, wishes.region),
                size(wishes, 0),
                size(wishes, 1),
                size(wishes, 2),
                size(wishes, 3),
                0,
                0,
                0);
    }

    private int size(Wishes wishes, int index) {
        if (wishes.sizes.size() > 4) {
            throw new ParameterException(spec.commandLine(), "-C takes up to four numbers");
        }
        return index < wishes.sizes.size() ? wishes.sizes.get(index) : 0;
    }

    private int region(NetmapDriver driver, String region) {
        if (region.isEmpty()) {
            return 0;
        }
        if (region.chars().allMatch(Character::isDigit)) {
            return Integer.parseInt(region);
        }
        try {
            return driver.portInfo(PortSpec.parse(region).name(), 0).memId();
        } catch (IllegalArgumentException malformed) {
            throw new ParameterException(spec.commandLine(), "-m " + region + ": " + malformed.getMessage());
        }
    }

    /** Does something with the driver that programs use; with an embedded host of this command's own there is nothing to do. */
    private <T> T withDriver(Function<NetmapDriver, T> action) {
        if (socket.isPresent()) {
            try (AttachClient client = AttachClient.connect(socket.get())) {
                return action.apply(client);
            }
        }
        NetmapDriver driver = Netmap.system().driver();
        if (driver instanceof EmbeddedHost) {
            throw new LinuxException(
                    "connect to " + Netmap.defaultSocket(),
                    Errno.ENOENT,
                    "no host serves there: start one (nfv host), or name its socket (--socket)");
        }
        return action.apply(driver);
    }
}
