// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.capture.FieldChange;
import io.ptnetmap.nfv.capture.PacketTrace;
import io.ptnetmap.nfv.node.model.TracedPacket;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A packet's way, for people. */
final class TraceText {
    private TraceText() {}

    /** Of a chain that this program runs. */
    static List<String> lines(PacketTrace trace) {
        TextTable steps = new TextTable("llllrr", "function", "where", "side", "verdict", "time", "link");
        for (PacketTrace.Step step : trace.steps()) {
            steps.row(
                    step.function(),
                    step.process() + "/" + step.worker(),
                    step.side(),
                    step.verdict() + (step.cause().isEmpty() ? "" : ": " + step.cause()),
                    Figures.time(step.nanos()) + (step.batch() > 1 ? " for " + step.batch() : ""),
                    step.linkNanos().isPresent() ? Figures.time(step.linkNanos().getAsLong()) : "");
        }
        List<List<FieldChange>> changes =
                trace.steps().stream().map(PacketTrace.Step::changes).toList();
        return lines(trace.number(), trace.start(), headline(trace), steps, changes, trace.end());
    }

    /** Of a chain on a node, which tells less. */
    static List<String> lines(TracedPacket trace) {
        TextTable steps = new TextTable("llr", "function", "verdict", "time");
        trace.steps().forEach(step -> steps.row(step.function(), step.verdict(), Figures.time(step.nanos())));
        String what = Figures.count(trace.length(), "byte") + ", " + Documents.word(trace.direction());
        List<List<FieldChange>> changes =
                trace.steps().stream().map(TracedPacket.Step::changes).toList();
        return lines(trace.number(), trace.time(), what, steps, changes, trace.summary());
    }

    /** What packet it is, a line for each function with what it changed below, and the end. */
    private static List<String> lines(
            long number, Instant time, String what, TextTable steps, List<List<FieldChange>> changes, String end) {
        List<String> lines = new ArrayList<>();
        lines.add("packet " + number + " at " + time + ": " + what);
        List<String> rows = steps.lines();
        lines.add("  " + rows.getFirst());
        for (int i = 0; i < changes.size(); i++) {
            lines.add("  " + rows.get(i + 1));
            changes.get(i).forEach(change -> lines.add("      " + change));
        }
        lines.add("  " + end);
        return lines;
    }

    /** {@code 98 bytes, 10.1.0.5:1024 > 203.0.113.9:80, tcp S}. */
    private static String headline(PacketTrace trace) {
        Map<String, String> fields = trace.fields().stream()
                .collect(Collectors.toMap(PacketTrace.Field::name, PacketTrace.Field::value, (one, other) -> one));
        Function<String, String> any = suffix -> fields.entrySet().stream()
                .filter(field -> field.getKey().endsWith(suffix))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
        String protocol = List.of("tcp", "udp", "icmpv6", "icmp", "arp").stream()
                .filter(name -> fields.keySet().stream().anyMatch(field -> field.startsWith(name + ".")))
                .findFirst()
                .orElse("");
        String layer = fields.containsKey("ipv4.src") ? "ipv4" : fields.containsKey("ipv6.src") ? "ipv6" : "eth";
        String sourcePort = any.apply(".sport");
        String destinationPort = any.apply(".dport");
        return Figures.count(trace.length(), "byte") + ", "
                + fields.getOrDefault(layer + ".src", "?") + port(sourcePort) + " > "
                + fields.getOrDefault(layer + ".dst", "?") + port(destinationPort)
                + (protocol.isEmpty() ? "" : ", " + protocol)
                + (fields.containsKey("tcp.flags") ? " " + fields.get("tcp.flags") : "");
    }

    private static String port(String port) {
        return port.isEmpty() ? "" : " port " + port;
    }
}
