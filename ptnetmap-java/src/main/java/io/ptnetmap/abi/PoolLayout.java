// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

/**
 * How netmap lays out one pool of a region (ABI §2.9): objects are rounded up to cache lines and come in clusters, the
 * smallest groups that fill whole pages.
 *
 * @param objsize bytes of each object, a multiple of 64
 * @param clustEntries objects per cluster
 * @param clustSize bytes of a cluster, a multiple of 4096
 * @param numClusters clusters
 */
public record PoolLayout(int objsize, int clustEntries, int clustSize, int numClusters) {
    private static final int PAGE = 4096;

    /**
     * The kinds of pools: what netmap allows for each, and what it takes where nobody asks. In the global region the
     * default is the configuration, in a private region a minimum.
     */
    public enum Limits {
        GLOBAL_IF(NetmapIf.SIZE, 4096, 10, 10_000, 1024, 100),
        GLOBAL_RING(NetmapRing.SIZE, 131_072, 2, 1024, 36_864, 200),
        GLOBAL_BUF(64, 65_536, 4, 1_000_000, 2048, 163_840),
        PRIVATE_IF(NetmapIf.SIZE, 4096, 1, 100, 1024, 2),
        PRIVATE_RING(NetmapRing.SIZE, 131_072, 2, 1024, 20_480, 4),
        PRIVATE_BUF(64, 65_536, 4, 1_000_000, 2048, 4098);

        private final int minSize;
        private final int maxSize;
        private final int minCount;
        private final int maxCount;
        private final int defaultSize;
        private final int defaultCount;

        Limits(int minSize, int maxSize, int minCount, int maxCount, int defaultSize, int defaultCount) {
            this.minSize = minSize;
            this.maxSize = maxSize;
            this.minCount = minCount;
            this.maxCount = maxCount;
            this.defaultSize = defaultSize;
            this.defaultCount = defaultCount;
        }

        /** Bytes of an object, at least. */
        public int minSize() {
            return minSize;
        }

        /** Bytes of an object, at most. */
        public int maxSize() {
            return maxSize;
        }

        /** Objects of the pool, at least. */
        public int minCount() {
            return minCount;
        }

        /** Objects of the pool, at most. */
        public int maxCount() {
            return maxCount;
        }

        /** Bytes of an object where nobody says otherwise. */
        public int defaultSize() {
            return defaultSize;
        }

        /** Objects of the pool where nobody says otherwise. */
        public int defaultCount() {
            return defaultCount;
        }
    }

    /**
     * The layout of a pool of at least {@code count} objects of at least {@code size} bytes.
     *
     * @throws IllegalArgumentException where netmap says {@code EINVAL}: a size or count that is not allowed, or a size
     *     that only fills whole pages in more than 4 MiB
     */
    public static PoolLayout of(Limits limits, int count, int size) {
        requireWithin(limits + " objects", count, limits.minCount(), limits.maxCount());
        requireWithin(limits + " object size", size, 1, limits.maxSize());
        int objsize = roundUp(size, KernelLimits.NM_BUF_ALIGN);
        requireWithin(limits + " object size", objsize, limits.minSize(), limits.maxSize());
        int clustEntries = PAGE / Math.min(PAGE, Integer.lowestOneBit(objsize));
        int clustSize = clustEntries * objsize;
        if (clustSize > KernelLimits.MAX_CLUSTSIZE) {
            throw new IllegalArgumentException(limits + " object size " + size + ": " + clustEntries
                    + " objects fill whole pages, more than 4 MiB; choose a rounder size, such as "
                    + roundUp(size, PAGE));
        }
        return new PoolLayout(objsize, clustEntries, clustSize, (count + clustEntries - 1) / clustEntries);
    }

    private static void requireWithin(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + " " + value + ": must be " + min + " to " + max);
        }
    }

    private static int roundUp(int value, int unit) {
        return (value + unit - 1) / unit * unit;
    }

    /** Objects of the pool: the count wished for, rounded up to whole clusters. */
    public int objtotal() {
        return numClusters * clustEntries;
    }

    /** Bytes of the pool. */
    public long memtotal() {
        return (long) numClusters * clustSize;
    }
}
