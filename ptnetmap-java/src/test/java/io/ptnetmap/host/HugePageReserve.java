// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Huge pages that a test has set aside of the machine's memory, and gives back. Skips the test where that is impossible. */
public final class HugePageReserve implements AutoCloseable {
    private static final Path COUNT = Path.of("/proc/sys/vm/nr_hugepages");

    private final long before;
    private final Thread atTheLatest = new Thread(this::giveBack);

    private HugePageReserve(long before) {
        this.before = before;
    }

    /** Has at least so many free pages of the default size. */
    public static HugePageReserve of(long pages) {
        assumeTrue(Files.isWritable(COUNT), COUNT + " cannot be written: run as root");
        HugePageReserve reserve = new HugePageReserve(number(COUNT));
        Runtime.getRuntime().addShutdownHook(reserve.atTheLatest);
        try {
            Files.writeString(COUNT, Long.toString(reserve.before + Math.max(0, pages - free())));
        } catch (IOException refused) {
            reserve.close();
            return abort(COUNT + " cannot be written: " + refused.getMessage());
        }
        if (free() < pages) {
            long got = free();
            reserve.close();
            return abort(pages + " huge pages are needed, the kernel finds memory for " + got);
        }
        return reserve;
    }

    /** How many are neither used nor promised, by /proc/meminfo. */
    public static long free() {
        return field("HugePages_Free:") - field("HugePages_Rsvd:");
    }

    private static long field(String name) {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(
                            line -> Long.parseLong(line.substring(name.length()).strip()))
                    .findFirst()
                    .orElse(0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void giveBack() {
        try {
            Files.writeString(COUNT, Long.toString(before));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atTheLatest);
        giveBack();
    }
}
