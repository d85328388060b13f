// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The kernel's huge pages of one size, as counted when this was read from {@code /sys/kernel/mm/hugepages}.
 *
 * @param pageSize bytes of each
 * @param total there are
 * @param free of these, not in use
 * @param reserved of the free ones, promised to somebody
 * @param surplus of all, taken beyond what the administrator has set aside
 * @param overcommit most surplus pages that there may be
 * @param directory where this was read
 */
public record HugePagePool(
        long pageSize, long total, long free, long reserved, long surplus, long overcommit, Path directory) {
    private static final Path POOLS = Path.of("/sys/kernel/mm/hugepages");
    private static final Pattern NAME = Pattern.compile("hugepages-(\\d+)kB");

    /** Those of this machine, small pages first; none where the kernel has no huge pages. */
    public static List<HugePagePool> all() {
        return all(POOLS);
    }

    static List<HugePagePool> all(Path pools) {
        try (Stream<Path> entries = Files.list(pools)) {
            return entries.filter(entry ->
                            NAME.matcher(entry.getFileName().toString()).matches())
                    .map(HugePagePool::read)
                    .sorted(Comparator.comparingLong(HugePagePool::pageSize))
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException none) {
            return List.of();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + pools + ": " + failure.getMessage(), failure);
        }
    }

    private static HugePagePool read(Path directory) {
        Matcher name = NAME.matcher(directory.getFileName().toString());
        if (!name.matches()) {
            throw new IllegalArgumentException(directory + " is none of huge pages");
        }
        return new HugePagePool(
                Long.parseLong(name.group(1)) << 10,
                number(directory, "nr_hugepages"),
                number(directory, "free_hugepages"),
                number(directory, "resv_hugepages"),
                number(directory, "surplus_hugepages"),
                number(directory, "nr_overcommit_hugepages"),
                directory);
    }

    private static long number(Path directory, String file) {
        try {
            return Long.parseLong(Files.readString(directory.resolve(file)).strip());
        } catch (NoSuchFileException noSuchLimit) {
            // Pages too large for the kernel to make them at run time.
            return 0;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot read " + directory.resolve(file), failure);
        }
    }

    /** Pages that have been set aside and that nobody uses or has been promised. */
    public long available() {
        return free - reserved;
    }

    /** Likewise, with those that the kernel may try to make on demand. */
    public long obtainable() {
        return available() + Math.max(0, overcommit - surplus);
    }

    /** A command, for root, after which so many would be available. */
    public String toReserve(long pages) {
        return "echo " + (total - surplus + pages - available()) + " > " + directory.resolve("nr_hugepages");
    }
}
