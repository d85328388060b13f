// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.PoolLayout;
import io.ptnetmap.linux.XdpSocket;
import java.util.Optional;

/**
 * Sizes of a region's pools, under the names of netmap's module parameters (ABI §2.9, §16). Memory is taken from the
 * system page by page as it is touched, so generous counts cost nothing; but huge pages are taken at once, all of them.
 *
 * @param ifNum {@code netmap_if} objects: one per bound port
 * @param ifSize bytes of each
 * @param ringNum rings; a pipe takes four
 * @param ringSize bytes of each: 256 and 16 per slot
 * @param bufNum packet buffers
 * @param bufSize bytes of each, a multiple of 64
 * @param headroom bytes between the rings and the first buffer, a multiple of 64, which the pool of buffers does without, so it has one
 *     buffer less; netmap has none
 * @param hugePages whether the region is to lie in huge pages; empty: as {@link HugePages#VARIABLE} says
 */
public record RegionConfig(
        int ifNum,
        int ifSize,
        int ringNum,
        int ringSize,
        int bufNum,
        int bufSize,
        int headroom,
        Optional<HugePages> hugePages) {
    /**
     * netmap's global region with its defaults, but rings for 128 pipes instead of 50, and headroom for network interfaces that
     * use the region without copying ({@link XdpMemory}).
     */
    public static final RegionConfig DEFAULT =
            new RegionConfig(300, 1024, 512, 36864, 163840, 2048, XdpSocket.HEADROOM);

    /** netmap's own defaults of the global region. */
    public static final RegionConfig NETMAP_GLOBAL = new RegionConfig(100, 1024, 200, 36864, 163840, 2048);

    /**
     * Packet buffers that the receive ring of a network interface takes besides its own, for the kernel to receive into: some
     * milliseconds' worth of small packets, fewer
     * where a region has not many left.
     */
    public static final int INTERFACE_RESERVE = 2048;

    /** Laid out as netmap does, without headroom. */
    public RegionConfig(int ifNum, int ifSize, int ringNum, int ringSize, int bufNum, int bufSize) {
        this(ifNum, ifSize, ringNum, ringSize, bufNum, bufSize, 0);
    }

    /** In pages as {@link HugePages#VARIABLE} says. */
    public RegionConfig(int ifNum, int ifSize, int ringNum, int ringSize, int bufNum, int bufSize, int headroom) {
        this(ifNum, ifSize, ringNum, ringSize, bufNum, bufSize, headroom, Optional.empty());
    }

    /** Bytes of the pools. */
    public long poolBytes() {
        return interfaces().memtotal() + rings().memtotal() + packetBuffers().memtotal();
    }

    PoolLayout interfaces() {
        return PoolLayout.of(PoolLayout.Limits.GLOBAL_IF, ifNum, ifSize);
    }

    PoolLayout rings() {
        return PoolLayout.of(PoolLayout.Limits.GLOBAL_RING, ringNum, ringSize);
    }

    PoolLayout packetBuffers() {
        return PoolLayout.of(PoolLayout.Limits.GLOBAL_BUF, bufNum, bufSize);
    }

    /** Packet buffers that a region of these sizes has, the two included that are never handed out. */
    public int buffers() {
        PoolLayout layout = packetBuffers();
        return (int) ((layout.memtotal() - headroom) / layout.objsize());
    }

    public RegionConfig withHeadroom(int bytes) {
        return new RegionConfig(ifNum, ifSize, ringNum, ringSize, bufNum, bufSize, bytes, hugePages);
    }

    public RegionConfig withInterfaces(int count) {
        return new RegionConfig(count, ifSize, ringNum, ringSize, bufNum, bufSize, headroom, hugePages);
    }

    public RegionConfig withRings(int count, int size) {
        return new RegionConfig(ifNum, ifSize, count, size, bufNum, bufSize, headroom, hugePages);
    }

    public RegionConfig withBuffers(int count, int size) {
        return new RegionConfig(ifNum, ifSize, ringNum, ringSize, count, size, headroom, hugePages);
    }

    public RegionConfig withHugePages(HugePages choice) {
        return new RegionConfig(ifNum, ifSize, ringNum, ringSize, bufNum, bufSize, headroom, Optional.of(choice));
    }
}
