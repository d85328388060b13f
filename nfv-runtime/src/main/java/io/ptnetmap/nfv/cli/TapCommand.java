// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.linux.Terminal;
import io.ptnetmap.nfv.client.PacketFilter;
import io.ptnetmap.nfv.node.model.LinkDetails;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        name = "tap",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the packets on a link, live and in both directions, as pcapng.",
            "",
            "The chain never waits for it: packets that the reader is too slow for are missing, and counted in the file.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv tap edge/firewall..nat44 | tshark -r -",
            "  nfv tap edge/firewall..nat44 udp port 53 -n 100 -w dns.pcapng",
            "  nfv tap edge/firewall..nat44 'tcp[tcpflags] & tcp-syn != 0' | tcpdump -r -"
        })
final class TapCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    @ParentCommand
    private Main main;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "[CHAIN/]FROM..TO",
            description = "The link, by the functions before and behind it; 'nfv get links' lists them.")
    private String link;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "FILTER",
            description =
                    "Only packets that this pcap-filter(7) expression matches; in one word or several, as for tcpdump.")
    private List<String> filter = List.of();

    @Mixin
    private PacketOptions packets;

    @Option(
            names = {"-s", "--snaplen"},
            paramLabel = "BYTES",
            description = "Keep only so many bytes of each packet.")
    private Optional<Integer> snapLength;

    @Option(
            names = {"-w", "--write"},
            paramLabel = "FILE",
            defaultValue = STANDARD_OUTPUT,
            description = "Where to write; - is standard output. Default: ${DEFAULT-VALUE}.")
    private String file;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException, IOException {
        boolean toOutput = file.equals(STANDARD_OUTPUT);
        if (toOutput && Terminal.is(Terminal.OUTPUT)) {
            throw new ParameterException(
                    spec.commandLine(), "a capture is nothing for a terminal; write | tshark -r -, or -w FILE");
        }
        PacketFilter wanted =
                packets.filter(filter.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", filter)), snapLength);
        try (NodeSession session = node.connect()) {
            LinkDetails found = ResourceQuery.one(session, Resource.LINKS, Optional.empty(), link);
            if (toOutput) {
                copy(session, found, wanted, main.output());
            } else {
                try (OutputStream out = Files.newOutputStream(Path.of(file))) {
                    copy(session, found, wanted, out);
                }
            }
        }
        return ExitCodes.OK;
    }

    private void copy(NodeSession session, LinkDetails found, PacketFilter wanted, OutputStream out)
            throws InterruptedException {
        StandardOutput output = main.output();
        session.follow(
                client -> client.tap(found.chain(), found.name(), wanted),
                (Buffer bytes) -> {
                    try {
                        out.write(bytes.getBytes());
                        return true;
                    } catch (IOException failure) {
                        if (out == output) {
                            return false;
                        }
                        throw new UncheckedIOException(file + ": " + FileErrors.why(failure), failure);
                    }
                },
                () -> out == output && output.isAbandoned());
    }
}
