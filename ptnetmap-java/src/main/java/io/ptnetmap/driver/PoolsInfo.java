// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/**
 * {@code struct nmreq_pools_info}: where a region's pools lie (ABI §5.5).
 *
 * @param memsize bytes of the region's pools
 * @param memId the region
 * @param netmapIf pool of {@code netmap_if} objects
 * @param ring pool of rings
 * @param buffer pool of packet buffers
 */
public record PoolsInfo(long memsize, int memId, Pool netmapIf, Pool ring, Pool buffer) {
    /**
     * One pool.
     *
     * @param offset from the start of the region, bytes
     * @param objects how many
     * @param objectSize bytes of each
     */
    public record Pool(long offset, int objects, int objectSize) {}
}
