// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.PacketFilter;
import io.ptnetmap.nfv.client.StreamEndedException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = {
            "Follows single packets through every function of a chain: verdicts, times, and which fields were changed.",
            "",
            "It goes on in what the chain is changed to. Where it ends before its count, it says why on standard error.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv trace edge -n 10",
            "  nfv trace edge --match 'udp port 53' -n 1",
            "  nfv trace edge -o json | jq .steps"
        })
final class TraceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAIN", description = "Name of the chain.")
    private String chain;

    @Option(
            names = {"-m", "--match"},
            paramLabel = "FILTER",
            description = "Only packets that this pcap-filter(7) expression matches.")
    private Optional<String> match;

    @Mixin
    private PacketOptions packets;

    @Mixin
    private StreamOutput output;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        PacketFilter filter = packets.filter(match, Optional.empty());
        try {
            output.tell(node, Optional.empty(), client -> client.trace(chain, filter), TraceText::lines);
        } catch (StreamEndedException ended) {
            // Whoever reads the packets gets nothing else.
            spec.commandLine().getErr().println("nfv: the trace has ended: " + ended.getMessage());
        }
        return ExitCodes.OK;
    }
}
