// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.profile.HotMethods;
import io.ptnetmap.nfv.profile.HotMethods.HotMethod;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the time of a run went.
 *
 * @param times of functions and workers
 * @param hotMethods of the recordings
 * @param recordings files for JDK Flight Recorder's tools, at least that of this process
 * @param unrecorded virtual machines, of which there is none
 */
record ProfileReport(TimeUse times, List<HotMethod> hotMethods, List<Path> recordings, List<String> unrecorded) {
    private static final int HOT_METHODS = 8;

    /** Reads the hot methods from the recordings, which must be complete. */
    static ProfileReport of(TimeUse times, List<Path> recordings, List<String> unrecorded) {
        HotMethods methods = new HotMethods();
        try {
            for (Path recording : recordings) {
                methods.add(recording);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read a recording: " + FileErrors.why(failure), failure);
        }
        return new ProfileReport(times, methods.most(HOT_METHODS), recordings, unrecorded);
    }

    void print(PrintWriter out) {
        out.println("Profile");
        functionTable().lines().forEach(line -> out.println("  " + line));
        out.println("Workers");
        workerTable().lines().forEach(line -> out.println("  " + line));
        if (!hotMethods.isEmpty()) {
            out.println("Hot methods of the workers, what they call in the JDK included");
            hotMethods.forEach(method -> out.println("  " + percent(method.share()) + "  " + method.name()));
        }
        out.println("Recorded");
        recordings.forEach(file -> out.println("  " + file));
        unrecorded.forEach(vm -> out.println("  not in virtual machine '" + vm
                + "': Java there has no Flight Recorder; the tables have its functions"));
        out.println("Next");
        out.println("  jfr summary " + recordings.getFirst());
        out.println("  jfr print --events FunctionBatch " + recordings.getFirst());
        out.flush();
    }

    private TextTable functionTable() {
        TextTable table = new TextTable(
                "llrrrrr", "function", "where", "packets", "batches", "packets/batch", "ns/packet", "of the worker");
        for (TimeUse.Function function : times.functions()) {
            table.row(
                    function.name(),
                    function.process() + "/" + function.worker(),
                    Figures.count(function.packets()),
                    Figures.count(function.batches()),
                    quotient(function.packets(), function.batches()),
                    quotient(function.nanos(), function.packets()),
                    percent(share(function.nanos(), workerOf(function))));
        }
        return table;
    }

    private TextTable workerTable() {
        TextTable table = new TextTable("lrrr", "worker", "functions", "links", "idle");
        for (TimeUse.Worker worker : times.workers()) {
            long inFunctions = times.functions().stream()
                    .filter(function -> workerOf(function).equals(worker))
                    .mapToLong(TimeUse.Function::nanos)
                    .sum();
            table.row(
                    worker.process() + "/" + worker.number(),
                    percent(share(inFunctions, worker)),
                    percent(share(Math.max(0, worker.busyNanos() - inFunctions), worker)),
                    percent(share(worker.idleNanos(), worker)));
        }
        return table;
    }

    private TimeUse.Worker workerOf(TimeUse.Function function) {
        return times.workers().stream()
                .filter(worker -> worker.process().equals(function.process()) && worker.number() == function.worker())
                .findFirst()
                .orElseThrow();
    }

    private static double share(long nanos, TimeUse.Worker worker) {
        return (double) nanos / Math.max(1, worker.busyNanos() + worker.idleNanos());
    }

    private static String quotient(long dividend, long divisor) {
        return divisor == 0 ? "-" : String.format(Locale.ROOT, "%.1f", (double) dividend / divisor);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%5.1f %%", 100 * share);
    }

    /** The same for JSON. */
    Map<String, Object> json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("functions", times.functions());
        all.put("workers", times.workers());
        all.put("hotMethods", hotMethods);
        all.put("recordings", recordings.stream().map(Path::toString).toList());
        all.put("unrecorded", unrecorded);
        return all;
    }
}
