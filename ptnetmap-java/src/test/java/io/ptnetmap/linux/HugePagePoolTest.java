// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HugePagePoolTest {
    @TempDir
    Path directory;

    private void pool(String name, Map<String, Integer> counts) throws IOException {
        Path pool = Files.createDirectory(directory.resolve(name));
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            Files.writeString(pool.resolve(count.getKey()), count.getValue() + "\n");
        }
    }

    @Test
    void whatTheKernelSaysIsRead() throws IOException {
        pool(
                "hugepages-1048576kB",
                Map.of("nr_hugepages", 3, "free_hugepages", 3, "resv_hugepages", 0, "surplus_hugepages", 0));
        pool(
                "hugepages-2048kB",
                Map.of(
                        "nr_hugepages", 100,
                        "free_hugepages", 60,
                        "resv_hugepages", 20,
                        "surplus_hugepages", 10,
                        "nr_overcommit_hugepages", 25));
        Files.createDirectory(directory.resolve("something-else"));
        List<HugePagePool> pools = HugePagePool.all(directory);
        assertEquals(
                List.of(2L << 20, 1L << 30),
                pools.stream().map(HugePagePool::pageSize).toList());
        HugePagePool small = pools.getFirst();
        assertEquals(40, small.available());
        assertEquals(55, small.obtainable());
        // 90 have been set aside by root; 7 more are missing.
        assertEquals("echo 97 > " + directory + "/hugepages-2048kB/nr_hugepages", small.toReserve(47));
        assertEquals(3, pools.get(1).obtainable());
    }

    @Test
    void aKernelWithoutThemHasNone() {
        assertEquals(List.of(), HugePagePool.all(directory.resolve("nothing")));
    }

    @Test
    void thisMachinesAreThoseOfMeminfo() throws IOException {
        List<String> memory = Files.readAllLines(Path.of("/proc/meminfo"));
        List<String> sizes = memory.stream()
                .filter(line -> line.startsWith("Hugepagesize:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .toList();
        List<Long> found =
                HugePagePool.all().stream().map(HugePagePool::pageSize).toList();
        assertEquals(sizes.isEmpty(), found.isEmpty());
        sizes.forEach(size -> assertTrue(found.contains(Long.parseLong(size) << 10), () -> size + " in " + found));
    }
}
