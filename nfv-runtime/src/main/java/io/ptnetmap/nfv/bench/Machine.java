// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code /proc} tells of the machine that is measured. */
final class Machine {
    private static final int IDLE_COLUMN = 4;
    private static final int WAITING_COLUMN = 5;
    private static final int STEAL_COLUMN = 8;

    private Machine() {}

    /**
     * Time of all processors, or of one, since the machine was started, in clock ticks.
     *
     * @param total of which the machine knows
     * @param idle of it, when there was nothing to do
     * @param steal of it, what the hypervisor gave to others
     */
    record ProcessorTime(long total, long idle, long steal) {
        static ProcessorTime now() {
            return of("cpu");
        }

        static ProcessorTime now(int cpu) {
            return of("cpu" + cpu);
        }

        private static ProcessorTime of(String name) {
            String[] columns = lines("/proc/stat").stream()
                    .map(line -> line.split(" +"))
                    .filter(line -> line[0].equals(name))
                    .findFirst()
                    .orElseThrow(() -> new BenchException("/proc/stat tells nothing of " + name));
            long[] ticks = new long[STEAL_COLUMN + 1];
            long total = 0;
            // User and nice time include that of guests, which come after steal.
            for (int i = 1; i <= STEAL_COLUMN; i++) {
                ticks[i] = Long.parseLong(columns[i]);
                total += ticks[i];
            }
            return new ProcessorTime(total, ticks[IDLE_COLUMN] + ticks[WAITING_COLUMN], ticks[STEAL_COLUMN]);
        }

        /** The share of the time since then in which there was something to do, 0 to 1. */
        double busySince(ProcessorTime then) {
            return total == then.total ? 0 : 1 - (double) (idle - then.idle) / (total - then.total);
        }

        /** The share of the time since then that was stolen, 0 to 1. */
        double stolenSince(ProcessorTime then) {
            return total == then.total ? 0 : (double) (steal - then.steal) / (total - then.total);
        }
    }

    /** Processes that ran or wanted to, on average over the last minute. */
    static double load() {
        return Double.parseDouble(lines("/proc/loadavg").getFirst().split(" ")[0]);
    }

    /** The processors that this process may use, in order. */
    static List<Integer> processors() {
        List<Integer> processors = new ArrayList<>();
        for (String range : field("/proc/self/status", "Cpus_allowed_list").split(",")) {
            String[] ends = range.split("-");
            for (int cpu = Integer.parseInt(ends[0]); cpu <= Integer.parseInt(ends[ends.length - 1]); cpu++) {
                processors.add(cpu);
            }
        }
        return processors;
    }

    /** The most memory that this process has had at once. */
    static long mostResidentBytes() {
        return Long.parseLong(field("/proc/self/status", "VmHWM").split(" ")[0]) * 1024;
    }

    /** The first two of them, for what runs on two; the same one twice where there is no other. */
    static List<Integer> pair() {
        List<Integer> allowed = processors();
        return List.of(allowed.getFirst(), allowed.get(Math.min(1, allowed.size() - 1)));
    }

    static String model() {
        return field("/proc/cpuinfo", "model name");
    }

    private static String field(String file, String name) {
        return lines(file).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + file + ": " + failure.getMessage(), failure);
        }
    }
}
