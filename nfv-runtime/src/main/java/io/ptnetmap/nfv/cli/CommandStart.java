// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * When this command was started: the launcher script, for Java takes its place in the same process. If the script had to build
 * first, it tells how long in {@code NFV_BUILD_MICROS}, and this counts from as much later.
 */
final class CommandStart {
    /** Of proc_pid_stat(5): ticks from the machine's start to that of the process. The first two fields may hold blanks. */
    private static final int START_TIME = 22 - 3;

    private static final long TICKS_PER_SECOND = 100;

    private CommandStart() {}

    /** To a hundredth of a second. */
    static Instant instant() {
        Instant now = Instant.now();
        String uptime = read("/proc/uptime").split(" ")[0];
        String stat = read("/proc/self/stat");
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long upMillis = Math.round(Double.parseDouble(uptime) * 1000);
        Instant start =
                now.minus(Duration.ofMillis(upMillis - Long.parseLong(fields[START_TIME]) * 1000 / TICKS_PER_SECOND));
        String building = System.getenv("NFV_BUILD_MICROS");
        return building == null ? start : start.plus(Long.parseLong(building), ChronoUnit.MICROS);
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + file + ": " + failure.getMessage(), failure);
        }
    }
}
