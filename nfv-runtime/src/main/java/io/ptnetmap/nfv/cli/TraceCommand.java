// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.capture.FieldChange;
import io.ptnetmap.nfv.client.PacketFilter;
import io.ptnetmap.nfv.node.model.Json;
import io.ptnetmap.nfv.node.model.TracedPacket;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv trace edge -n 10",
            "  nfv trace edge --match 'udp port 53' -n 1",
            "  nfv trace edge -o json | jq .steps"
        })
final class TraceCommand implements Callable<Integer> {
    /** Forms of a trace. */
    enum Form {
        TABLE,
        JSON
    }

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

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "table",
            description = "table, or json: an object per line. Default: ${DEFAULT-VALUE}.")
    private Form form;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PacketFilter filter = packets.filter(match, Optional.empty());
        try (NodeSession session = node.connect()) {
            session.follow(client -> client.trace(chain, filter), (TracedPacket trace) -> {
                if (form == Form.JSON) {
                    out.println(Json.text(trace));
                } else {
                    lines(trace).forEach(out::println);
                }
                return !out.checkError();
            });
        }
        return ExitCodes.OK;
    }

    /** A packet, then a line for each function. */
    static List<String> lines(TracedPacket trace) {
        List<String> lines = new ArrayList<>();
        lines.add(String.join(
                "  ",
                "#" + trace.number(),
                EventText.time(trace.time()),
                Documents.word(trace.direction()),
                trace.length() + " bytes",
                trace.summary()));
        TextTable table = new TextTable("llrl", "", "", "", "");
        for (TracedPacket.Step step : trace.steps()) {
            String changes = step.changes().stream().map(FieldChange::toString).collect(Collectors.joining(", "));
            table.row(step.function(), step.verdict(), ChangeText.shortTime(step.nanos()), changes);
        }
        table.lines().stream().skip(1).map(line -> "  " + line).forEach(lines::add);
        return lines;
    }
}
