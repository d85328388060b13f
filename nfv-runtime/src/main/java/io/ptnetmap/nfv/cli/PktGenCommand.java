// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.Netmap;
import io.ptnetmap.nfv.tools.MacAddress;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolPorts;
import io.ptnetmap.nfv.tools.pktgen.EndpointRange;
import io.ptnetmap.nfv.tools.pktgen.FrameConfig;
import io.ptnetmap.nfv.tools.pktgen.GeneratorConfig;
import io.ptnetmap.nfv.tools.pktgen.GeneratorConfig.Load;
import io.ptnetmap.nfv.tools.pktgen.GeneratorConfig.Reports;
import io.ptnetmap.nfv.tools.pktgen.GeneratorConfig.Slots;
import io.ptnetmap.nfv.tools.pktgen.GeneratorConfig.Threads;
import io.ptnetmap.nfv.tools.pktgen.PacketGenerator;
import io.ptnetmap.nfv.tools.pktgen.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nfv pkt-gen}, with the options of netmap's. */
@Command(
        name = "pkt-gen",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends, receives or returns packets on any port, as fast as it can or at a rate.",
            "",
            "Takes the options of netmap's pkt-gen. Reports once per period on standard error, and a summary at the end"
                    + " on standard output.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv pkt-gen -i netmap:x{1 -f tx -n 1000000 -l 60",
            "  nfv pkt-gen -i netmap:x}1 -f rx -W     ends a second after the last packet",
            "  nfv pkt-gen -i eth0 -f tx -R 10000 -d 10.0.0.1:2000-10.0.0.9:2100",
            "  nfv pkt-gen -i pcap:out.pcap -f tx -n 100 -s 10.0.0.1-10.0.0.254 -z",
            "",
            "Exit codes: 0 all is well, 2 wrong usage, 4 a port cannot be opened or has failed, 130 interrupted."
        })
final class PktGenCommand implements Callable<Integer> {
    private static final int DEFAULT_SIZE = 60;
    private static final int DEFAULT_BURST = 512;
    private static final int LINK_WAIT = 2;
    private static final MacAddress LOCAL = MacAddress.parse("02:00:00:00:00:01");

    // Bits of -o.
    private static final int INDIRECT = 1 << 5;
    private static final int DUMP = 1 << 6;
    private static final int LEAVE_BUFFERS = 1 << 8;
    private static final int RANDOM_SOURCE = 1 << 9;
    private static final int RANDOM_DESTINATION = 1 << 10;
    private static final int DEVIATION = 1 << 11;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-i", "--port"},
            required = true,
            paramLabel = "PORT",
            description =
                    "Port: netmap:x{1, vale0:a, netmap:eth0-1, pcap:FILE, tap:NAME, null; a bare name is netmap's.")
    private String port;

    @Option(
            names = {"-f", "--function"},
            paramLabel = "FUNCTION",
            defaultValue = "rx",
            description = "tx, rx, ping, pong, txseq or rxseq. Default: ${DEFAULT-VALUE}.")
    private Role role;

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Packets; 0 = no end.")
    private long count;

    @Option(
            names = {"-l", "--size"},
            paramLabel = "BYTES",
            description = "Frame size without check sequence (60). A second -l is the least of random sizes.")
    private List<Integer> sizes = List.of();

    @Option(
            names = {"-d", "--destination"},
            paramLabel = "RANGE",
            description = "Destination IP[:PORT[-IP:PORT]] (10.1.0.1:1234).")
    private Optional<String> destination;

    @Option(
            names = {"-s", "--source"},
            paramLabel = "RANGE",
            description = "Source, likewise (10.0.0.1:1234).")
    private Optional<String> source;

    @Option(
            names = {"-D", "--destination-mac"},
            paramLabel = "MAC",
            description = "Broadcast by default.")
    private Optional<String> destinationMac;

    @Option(
            names = {"-S", "--source-mac"},
            paramLabel = "MAC",
            description = "The interface's by default.")
    private Optional<String> sourceMac;

    @ArgGroup
    private final Family family = new Family();

    /** One of two. */
    static final class Family {
        @Option(
                names = {"-4", "--ipv4"},
                description = "IPv4, the default.")
        private boolean ipv4;

        @Option(
                names = {"-6", "--ipv6"},
                description = "IPv6; ranges are [IP]:PORT-[IP]:PORT.")
        private boolean ipv6;
    }

    @Option(
            names = {"-z", "--random-source"},
            description = "Random source in its range.")
    private boolean randomSource;

    @Option(
            names = {"-Z", "--random-destination"},
            description = "Random destination in its range.")
    private boolean randomDestination;

    @Option(
            names = {"-P", "--pcap"},
            paramLabel = "FILE",
            description = "Send the first packet of this capture.")
    private Optional<Path> pcap;

    @Option(
            names = {"-b", "--burst"},
            paramLabel = "N",
            description = "Packets at once (512; ping and pong: 1).")
    private Optional<Integer> burst;

    @Option(
            names = {"-R", "--rate"},
            paramLabel = "PPS",
            defaultValue = "0",
            description = "Packets per second at most.")
    private long rate;

    @Option(
            names = {"-p", "--threads"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Threads, each with a ring of its own if more than one (1).")
    private int threads;

    @Option(
            names = {"-a", "--cpu"},
            paramLabel = "CPU",
            defaultValue = "-1",
            description = "Processor of the first thread; the next ones get the next of -c.")
    private int cpu;

    @Option(
            names = {"-c", "--cpus"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Processors to spread threads over, from -a on (1); 0 = all.")
    private int cpus;

    @Option(
            names = {"-T", "--period"},
            paramLabel = "MS",
            defaultValue = "1000",
            description = "Between reports, milliseconds (1000).")
    private long period;

    @Mixin
    private WaitLinkOption waitLink;

    @Option(
            names = {"-W", "--exit-when-idle"},
            description = "Stop receiving when nothing has come for a second.")
    private boolean exitWhenIdle;

    @Option(
            names = {"-F", "--fragments"},
            paramLabel = "N",
            defaultValue = "0",
            description = "Slots of each packet, 1 to 63; by default as many as it needs.")
    private int fragments;

    @Option(
            names = {"-M", "--fragment-size"},
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Bytes of each slot but the last.")
    private int fragmentSize;

    @Option(
            names = {"-H", "--vnet-header"},
            paramLabel = "LEN",
            defaultValue = "0",
            description = "Length of a virtio-net header of zeros before each packet: 0, 10 or 12.")
    private int headerLength;

    @Option(
            names = {"-r", "--raw-buffers"},
            description = "Set lengths only; send what the buffers hold.")
    private boolean leaveBuffers;

    @Option(
            names = {"-I", "--indirect"},
            description = "Refused: buffers outside the region are not for these ports.")
    private boolean indirect;

    @Option(
            names = {"-X", "--dump"},
            description = "Show each packet received.")
    private boolean dump;

    @Option(
            names = {"-N", "--plain"},
            description = "Numbers without K, M, G.")
    private boolean plain;

    @Option(
            names = {"-A", "--deviation"},
            description = "Mean and standard deviation of the last 15 periods.")
    private boolean deviation;

    @Option(
            names = {"-B", "--framing"},
            description = "Count 24 bytes more per packet, what a wire has around it.")
    private boolean framing;

    @Option(
            names = {"-o", "--options"},
            paramLabel = "MASK",
            defaultValue = "0",
            description = "Bits: 64 as -X, 256 -r, 512 -z, 1024 -Z, 2048 -A; 32 as -I; others change nothing.")
    private int mask;

    @Option(
            names = {"-C", "--config"},
            paramLabel = "A[,B[,C[,D]]]",
            split = ",",
            hideParamSyntax = true,
            description = "Of ports made by this: tx slots, rx slots, tx rings, rx rings. Rather: PORT@conf:slots=A.")
    private List<Integer> configuration = List.of();

    @Override
    public Integer call() {
        ToolFailures.require(
                spec,
                !indirect && (mask & INDIRECT) == 0,
                "-I is not supported: packets outside of the region are for VALE ports of /dev/netmap only; leave it out");
        GeneratorConfig config = ToolFailures.usage(spec, this::config);
        try (StopSignal stop = new StopSignal()) {
            ToolFailures.usage(spec, () -> {
                new PacketGenerator(
                                config,
                                spec.commandLine().getOut(),
                                spec.commandLine().getErr())
                        .run(Netmap.system(), stop);
                return 0;
            });
        }
        return ExitCodes.OK;
    }

    GeneratorConfig config() {
        String full = RingConfig.apply(spec, direction(ToolPorts.complete(port)), configuration);
        boolean single = role == Role.PING || role == Role.PONG;
        return new GeneratorConfig(
                full,
                role,
                frames(full),
                pcap,
                new Load(count, burst.orElse(single ? 1 : DEFAULT_BURST), rate),
                new Slots(fragments, fragmentSize, headerLength, leaveBuffers || (mask & LEAVE_BUFFERS) != 0),
                new Threads(threads, cpu, cpus),
                new Reports(period, dump || (mask & DUMP) != 0, plain, deviation || (mask & DEVIATION) != 0, framing),
                waitLink.seconds(LINK_WAIT, full),
                exitWhenIdle);
    }

    /** A capture file is read or written as the function needs it, without the user saying so. */
    private String direction(String full) {
        return role == Role.TX || role == Role.TXSEQ ? RingConfig.writing(full) : full;
    }

    private FrameConfig frames(String full) {
        ToolFailures.require(spec, sizes.size() <= 2, "-l is given twice at most: the greatest size, then the least");
        int size = sizes.isEmpty() ? DEFAULT_SIZE : sizes.getFirst();
        boolean ipv6 = family.ipv6 || !family.ipv4 && looksIpv6(source) | looksIpv6(destination);
        return new FrameConfig(
                sizes.size() == 2 ? sizes.getLast() : size,
                size,
                EndpointRange.parse(source.orElse(ipv6 ? "fd00::a00:1" : "10.0.0.1"), ipv6),
                EndpointRange.parse(destination.orElse(ipv6 ? "fd00::a01:1" : "10.1.0.1"), ipv6),
                sourceMac
                        .map(MacAddress::parse)
                        .or(() -> ToolPorts.macAddress(full))
                        .orElse(LOCAL),
                destinationMac.map(MacAddress::parse).orElse(MacAddress.BROADCAST),
                randomSource || (mask & RANDOM_SOURCE) != 0,
                randomDestination || (mask & RANDOM_DESTINATION) != 0);
    }

    /** More than the one colon before an IPv4 port. */
    private static boolean looksIpv6(Optional<String> range) {
        return range.isPresent()
                && (range.get().startsWith("[")
                        || range.get().contains("::")
                        || range.get()
                                        .split("-")[0]
                                        .chars()
                                        .filter(c -> c == ':')
                                        .count()
                                > 1);
    }
}
