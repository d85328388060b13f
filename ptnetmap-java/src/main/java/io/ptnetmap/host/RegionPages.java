// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.HugePagePool;
import java.util.List;
import java.util.Locale;

/**
 * The pages that a region lies in, or would.
 *
 * @param wanted what was asked for
 * @param pageSize bytes of each
 * @param memsize bytes up to the region's control area, a multiple of that
 * @param bytes of the region, control area included; likewise a multiple
 * @param why it is these pages
 */
public record RegionPages(HugePages wanted, long pageSize, long memsize, long bytes, String why) {
    private static final long SMALL = 4096;
    private static final long MIB = 1 << 20;

    /** What a region would lie in if it were made now. */
    public static RegionPages of(RegionConfig config) {
        return of(config, config.hugePages().orElseGet(HugePages::general), HugePagePool.all());
    }

    static RegionPages of(RegionConfig config, HugePages wanted, List<HugePagePool> pools) {
        if (wanted == HugePages.OFF) {
            return small(config, wanted, "huge pages are off (" + HugePages.VARIABLE + ")");
        }
        for (HugePagePool pool : pools) {
            RegionPages huge =
                    rounded(config, wanted, pool.pageSize(), pool.available() + " of " + pool.total() + " are free");
            boolean fits = wanted == HugePages.ON
                    ? huge.count() <= pool.obtainable()
                    : huge.count() <= pool.available() && pool.pageSize() <= config.poolBytes();
            if (fits) {
                return huge;
            }
        }
        return small(
                config,
                wanted,
                pools.isEmpty() ? "the kernel has no huge pages" : shortage(config, wanted, pools.getFirst()));
    }

    private static String shortage(RegionConfig config, HugePages wanted, HugePagePool pool) {
        long needed = rounded(config, wanted, pool.pageSize(), "").count();
        if (needed <= pool.available()) {
            return "the region is smaller than a huge page of " + size(pool.pageSize());
        }
        return String.format(
                Locale.ROOT,
                "%,d huge pages of %s would be needed, %,d of %,d are free: as root, %s",
                needed,
                size(pool.pageSize()),
                pool.available(),
                pool.total(),
                pool.toReserve(needed));
    }

    static RegionPages small(RegionConfig config, HugePages wanted, String why) {
        return rounded(config, wanted, SMALL, why);
    }

    private static RegionPages rounded(RegionConfig config, HugePages wanted, long pageSize, String why) {
        long memsize = roundUp(config.poolBytes(), pageSize);
        long control = roundUp(Region.controlBytes(config.rings().objtotal()), pageSize);
        return new RegionPages(wanted, pageSize, memsize, memsize + control, why);
    }

    private static long roundUp(long bytes, long pageSize) {
        return (bytes + pageSize - 1) / pageSize * pageSize;
    }

    /** Whether they are huge ones, which are taken at once, all of them. */
    public boolean huge() {
        return pageSize > SMALL;
    }

    /** Whether the region cannot be made, since huge pages are {@link HugePages#ON} and cannot be had. */
    public boolean refused() {
        return wanted == HugePages.ON && !huge();
    }

    /** How many. */
    public long count() {
        return bytes / pageSize;
    }

    /** For people: {@code 172 huge pages of 2 MiB: 512 of 512 are free}. */
    @Override
    public String toString() {
        return huge()
                ? String.format(Locale.ROOT, "%,d huge pages of %s: %s", count(), size(pageSize), why)
                : "pages of " + size(pageSize) + ": " + why;
    }

    private static String size(long bytes) {
        return bytes >= MIB ? bytes / MIB + " MiB" : bytes / 1024 + " KiB";
    }
}
