// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.capture.FieldChange;
import io.ptnetmap.nfv.capture.PacketTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A packet's way, for people. */
final class TraceText {
    private TraceText() {}

    /** Lines: what packet it is, a line for each function with what it changed below, and the end. */
    static List<String> lines(PacketTrace trace) {
        List<String> lines = new ArrayList<>();
        lines.add("packet " + trace.number() + " at " + trace.start() + ": " + headline(trace));
        TextTable table = new TextTable("llllrr", "function", "where", "side", "verdict", "time", "link");
        for (PacketTrace.Step step : trace.steps()) {
            table.row(
                    step.function(),
                    step.process() + "/" + step.worker(),
                    step.side(),
                    step.cause().isEmpty() ? step.verdict() : step.verdict() + ": " + step.cause(),
                    micros(step.nanos()) + (step.batch() > 1 ? " for " + step.batch() : ""),
                    step.linkNanos().isPresent() ? micros(step.linkNanos().getAsLong()) : "");
        }
        List<String> rows = table.lines();
        lines.add("  " + rows.getFirst());
        for (int i = 0; i < trace.steps().size(); i++) {
            lines.add("  " + rows.get(i + 1));
            trace.steps().get(i).changes().stream()
                    .map(FieldChange::toString)
                    .forEach(change -> lines.add("      " + change));
        }
        lines.add("  " + trace.end());
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

    private static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.1f µs", nanos / 1e3);
    }
}
