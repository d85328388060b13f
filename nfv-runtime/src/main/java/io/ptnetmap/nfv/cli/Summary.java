// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.node.model.Timing;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a run came to.
 *
 * @param accounts at the end
 * @param conservation whether they balance
 * @param latency how long packets took in the last seconds
 * @param reports what the functions say
 * @param files that functions wrote
 * @param firstPacket when it came to the chain's end, after the command's start
 * @param profile where the time went, if that was asked for
 * @param health what has gone wrong
 * @param seen captures and traces
 */
record Summary(
        ChainSnapshot accounts,
        Conservation conservation,
        Latency latency,
        Map<String, Map<String, Object>> reports,
        List<Path> files,
        Optional<Duration> firstPacket,
        Optional<ProfileReport> profile,
        ChainHealth health,
        PacketWatch.Seen seen) {

    /** What {@code run} came to; paths in its functions' reports start at a directory. */
    static Summary of(ChainRun run, Path directory, Optional<ProfileReport> profile, PacketWatch.Seen seen) {
        ChainSnapshot accounts = run.snapshot();
        Map<String, Map<String, Object>> reports = run.reports();
        List<Path> files = new ArrayList<>();
        for (Hop hop : accounts.hops()) {
            Object file = reports.getOrDefault(hop.name(), Map.of()).get("file");
            boolean source = hop.created() > 0 && hop.received() == 0;
            if (file instanceof String name && !source && Files.isRegularFile(directory.resolve(name))) {
                files.add(directory.resolve(name).normalize());
            }
        }
        Optional<Duration> firstPacket = run.firstPacket().map(at -> Duration.between(CommandStart.instant(), at));
        seen.captures().forEach(capture -> files.add(capture.file()));
        return new Summary(
                accounts, run.conservation(), run.latency(), reports, files, firstPacket, profile, run.health(), seen);
    }

    /** Whether every packet is accounted for and has arrived, and no function has failed. */
    boolean complete() {
        return conservation.holds() && conservation.held() == 0 && !health.impaired();
    }

    void print(PrintWriter out) {
        long packets =
                accounts.hops().isEmpty() ? 0 : LiveView.packets(accounts.hops().getFirst());
        out.println();
        out.printf(
                "%s: %s in %s%s%n",
                accounts.chain(),
                Figures.count(packets, "packet"),
                Figures.time(accounts.elapsedNanos()),
                firstPacket
                        .map(after ->
                                "; the first arrived " + Figures.time(after.toNanos()) + " after the start of nfv")
                        .orElse(""));
        hopTable().lines().forEach(line -> out.println("  " + line));
        printDrops(out);
        List<String> times = LatencyTable.lines(accounts, latency);
        if (!times.isEmpty()) {
            out.println("Latency");
            times.forEach(line -> out.println("  " + line));
        }
        printFailures(out);
        out.println("Conservation: " + proof(conservation));
        for (Hop hop : accounts.hops()) {
            Map<String, Object> report = reports.getOrDefault(hop.name(), Map.of());
            if (!report.isEmpty()) {
                out.println("Report of " + hop.name());
                ReportText.lines(report).forEach(line -> out.println("  " + line));
            }
        }
        printSeen(out);
        if (!files.isEmpty()) {
            printFiles(out);
        }
        profile.ifPresent(report -> report.print(out));
        out.flush();
    }

    private TextTable hopTable() {
        TextTable table = new TextTable(
                "llrrrrrrr",
                "hop",
                "where",
                "received",
                "created",
                "sent",
                "dropped",
                "consumed",
                "held",
                "unaccounted");
        for (Hop hop : accounts.hops()) {
            table.row(
                    hop.name(),
                    hop.process() + "/" + hop.worker(),
                    Figures.count(hop.received()),
                    Figures.count(hop.created()),
                    Figures.count(hop.sent()),
                    Figures.count(hop.dropped()),
                    Figures.count(hop.consumed()),
                    Figures.count(hop.held()),
                    Figures.count(hop.unaccounted()));
        }
        return table;
    }

    private void printDrops(PrintWriter out) {
        TextTable table = new TextTable("llr", "hop", "cause", "dropped");
        for (Hop hop : accounts.hops()) {
            hop.drops().forEach((cause, count) -> {
                if (count > 0) {
                    table.row(hop.name(), cause, Figures.count(count));
                }
            });
        }
        List<String> lines = table.lines();
        if (lines.size() > 1) {
            out.println("Drops");
            lines.stream().skip(1).forEach(line -> out.println("  " + line));
        }
    }

    private void printFailures(PrintWriter out) {
        if (!health.impaired()) {
            return;
        }
        out.println("Failures");
        for (ChainHealth.Function function : health.functions()) {
            if (function.failures() != 0) {
                out.println("  " + Figures.count(function.failures(), "failure") + ", "
                        + Documents.word(function.state()) + ": " + function.lastError());
            }
        }
        for (ChainHealth.Part part : health.parts()) {
            if (part.restarts() != 0 || part.state() != ChainHealth.PartState.RUNNING) {
                out.println("  " + part.name() + ": " + Documents.word(part.state()) + ", started again "
                        + Figures.count(part.restarts(), "time") + "; " + String.join("; ", part.lastWords()));
            }
        }
    }

    private void printSeen(PrintWriter out) {
        for (PacketWatch.Capture capture : seen.captures()) {
            out.println("Capture of " + capture.hop());
            out.println("  " + Figures.count(capture.counts().written(), "packet") + " written, "
                    + Figures.count(capture.counts().dropped()) + " without room, of "
                    + Figures.count(capture.counts().passed()) + " that passed");
        }
        if (!seen.traces().isEmpty()) {
            out.println("Traces");
            seen.traces().stream()
                    .map(TraceText::lines)
                    .flatMap(List::stream)
                    .forEach(line -> out.println("  " + line));
        }
    }

    /** The sum that proves it. */
    static String proof(Conservation conservation) {
        String verdict = conservation.holds()
                ? "every packet accounted for"
                : Figures.count(conservation.unaccounted(), "packet") + " unaccounted for";
        return sum(conservation, conservation.holds() ? " = " : " != ") + " + held "
                + Figures.count(conservation.held()) + ": " + verdict;
    }

    /** The same while packets flow: parts are asked one after the other, so what is between them belongs to none. */
    static String proofAtWork(Conservation conservation) {
        return sum(conservation, " = ") + " + under way "
                + Figures.count(conservation.held() + conservation.unaccounted()) + ": all others accounted for";
    }

    private static String sum(Conservation conservation, String relation) {
        return "received " + Figures.count(conservation.received()) + " + created "
                + Figures.count(conservation.created()) + relation + "sent " + Figures.count(conservation.sent())
                + " + dropped " + Figures.count(conservation.dropped()) + " + consumed "
                + Figures.count(conservation.consumed());
    }

    private void printFiles(PrintWriter out) {
        out.println("Written");
        files.forEach(file -> out.println("  " + file));
        out.println("Next");
        files.stream()
                .filter(file -> file.toString().matches(".*\\.pcap(ng)?"))
                .forEach(file -> out.println("  tshark -r " + file));
    }

    /** By function, and by what was timed there. */
    private Map<String, Map<String, Timing>> timings() {
        Map<String, Map<String, Timing>> all = new TreeMap<>();
        latency.places().forEach((function, times) -> {
            Map<String, Timing> kinds = new LinkedHashMap<>();
            times.forEach((kind, one) -> kinds.put(Documents.word(kind), Timing.of(one)));
            all.put(function, kinds);
        });
        return all;
    }

    /** The same as one JSON object. */
    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("chain", accounts.chain());
        all.put("seconds", accounts.elapsedNanos() / 1e9);
        firstPacket.ifPresent(after -> all.put("secondsToFirstPacket", after.toNanos() / 1e9));
        all.put("complete", complete());
        all.put("conservation", conservation);
        all.put("hops", accounts.hops());
        all.put("latency", timings());
        all.put("reports", reports);
        all.put("health", health);
        all.put("captures", seen.captures());
        all.put("traces", seen.traces());
        profile.ifPresent(report -> all.put("profile", report.json()));
        all.put("files", files.stream().map(Path::toString).toList());
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(all);
    }
}
