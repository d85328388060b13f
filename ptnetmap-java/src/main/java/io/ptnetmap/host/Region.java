// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.PoolLayout;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A memory region of the embedded host: one sealed memfd with netmap's three pools (ABI §2.1), and behind them the
 * control area, which is not part of netmap's ABI.
 *
 * <pre>
 *   [if pool][ring pool][headroom][buffer pool] | [lane 0][lane 1] ... | [watch word of ring 0] ...
 *   `--------- nr_memsize ---------------------' | page-aligned, see {@link PipeLane}, {@link MonitorLane}
 * </pre>
 *
 * <p>Where the region lies in huge pages, {@code nr_memsize} is a multiple of their size, with a gap behind the buffers: a
 * virtual machine maps so many bytes, and must not get the control area with the last of them.
 *
 * <p>The headroom, if there is any, is for XDP sockets, see {@link XdpMemory}.
 *
 * <p>The region is the unit of trust: whoever has the descriptor can read and write all of it. Nobody can shrink it, so an
 * access within it cannot fault.
 *
 * <p>Guarded by the host's lock, see {@link Ports}.
 */
final class Region {
    /** Buffers 0 and 1 are never handed out (ABI §2.7). */
    static final int FIRST_BUFFER = 2;

    private final int memId;
    private final int memfd;
    private final RegionPages pages;
    private final Mapping mapping;
    private final ObjectPool interfaces;
    private final ObjectPool rings;
    private final ObjectPool buffers;
    private final ObjectPool lanes;
    private final long memsize;
    private final RegionView view;

    Region(int memId, RegionConfig config) {
        PoolLayout ifLayout = config.interfaces();
        PoolLayout ringLayout = config.rings();
        PoolLayout bufLayout = config.packetBuffers();
        this.memId = memId;
        RegionFile file = RegionFile.create("ptnetmap-region-" + memId, config);
        this.memfd = file.memfd();
        this.pages = file.pages();
        this.memsize = pages.memsize();
        this.interfaces = pool(0, ifLayout, 0);
        this.rings = pool(ifLayout.memtotal(), ringLayout, 0);
        long buffersAt = ifLayout.memtotal() + ringLayout.memtotal();
        this.buffers =
                new ObjectPool(buffersAt + config.headroom(), bufLayout.objsize(), config.buffers(), FIRST_BUFFER);
        // Two rings make a lane.
        this.lanes = new ObjectPool(memsize, PipeLane.SIZE, ringLayout.objtotal() / 2, 0);
        this.mapping = file.map();
        this.view = new RegionView(mapping, poolsInfo(), !Linux.registerGlobalBarrier(), new MonitorBell());
        view.bell().take(Linux.eventfd());
    }

    private static ObjectPool pool(long offset, PoolLayout layout, int reserved) {
        return new ObjectPool(offset, layout.objsize(), layout.objtotal(), reserved);
    }

    /** Bytes to map of a region with these pools, control area included. */
    static long sizeOf(PoolsInfo pools) {
        return pools.memsize() + controlBytes(pools.ring().objects());
    }

    /** Bytes of the control area of a region with so many rings. */
    static long controlBytes(int rings) {
        return (long) (rings / 2) * PipeLane.SIZE + (rings + 1L) * Long.BYTES;
    }

    /** What it lies in. */
    RegionPages pages() {
        return pages;
    }

    int memId() {
        return memId;
    }

    int memfd() {
        return memfd;
    }

    Mapping mapping() {
        return mapping;
    }

    RegionView view() {
        return view;
    }

    long address() {
        return mapping.address();
    }

    /** Bytes of the pools. */
    long memsize() {
        return memsize;
    }

    ObjectPool buffers() {
        return buffers;
    }

    PoolsInfo poolsInfo() {
        return new PoolsInfo(memsize, memId, info(interfaces), info(rings), info(buffers));
    }

    private static PoolsInfo.Pool info(ObjectPool pool) {
        return new PoolsInfo.Pool(pool.offset(), pool.total(), pool.objectSize());
    }

    long bufferAddress(int index) {
        return address() + buffers.offsetOf(index);
    }

    /** A zeroed {@code netmap_if} with room for this many table entries. Returns its offset. */
    long allocateInterface(int tableEntries) {
        long needed = NetmapIf.SIZE + 8L * tableEntries;
        if (needed > interfaces.objectSize()) {
            throw refusal(tableEntries + " rings need a netmap_if of " + needed + " bytes, those here have "
                    + interfaces.objectSize());
        }
        long offset = allocate(interfaces);
        Memory.zero(address() + offset, interfaces.objectSize());
        return offset;
    }

    void freeInterface(long offset) {
        interfaces.free(interfaces.indexOf(offset));
    }

    /** Refuses a port that would not fit, before anything of it has been created. */
    void requireRoom(int ringCount, int slotsPerRing, int bufferCount) {
        if (NetmapRing.size(slotsPerRing) > rings.objectSize()) {
            throw refusal(slotsPerRing + " slots need a ring of " + NetmapRing.size(slotsPerRing)
                    + " bytes, rings here have " + rings.objectSize() + ": ask for at most "
                    + (rings.objectSize() - NetmapRing.SLOT_OFFSET) / NetmapSlot.SIZE + " slots");
        }
        if (rings.available() < ringCount) {
            throw refusal(ringCount + " rings are needed, " + rings.available() + " of " + rings.total()
                    + " are left: close ports, or create the region with more rings");
        }
        if (buffers.available() < bufferCount) {
            throw refusal(bufferCount + " buffers are needed, " + buffers.available() + " of " + buffers.total()
                    + " are left: use fewer slots, or create the region with more buffers");
        }
    }

    /** Whether there are so many rings left, with room for so many slots in each. */
    boolean hasRings(int count, int slotsPerRing) {
        return rings.available() >= count && NetmapRing.size(slotsPerRing) <= rings.objectSize();
    }

    private LinuxException refusal(String why) {
        return new LinuxException("allocate from region " + memId, Errno.ENOMEM, why);
    }

    /** A ring with its header filled in and empty slots. Returns its offset. */
    long allocateRing(int ringId, boolean transmit, int slots) {
        long offset = allocate(rings);
        long ring = address() + offset;
        Memory.zero(ring, NetmapRing.size(slots));
        NetmapRing.bufOfs(ring, buffers.offset() - offset);
        NetmapRing.numSlots(ring, slots);
        NetmapRing.bufSize(ring, buffers.objectSize());
        NetmapRing.ringId(ring, ringId);
        NetmapRing.dir(ring, transmit ? NetmapRing.DIR_TX : NetmapRing.DIR_RX);
        if (transmit) {
            NetmapRing.tail(ring, slots - 1);
        }
        return offset;
    }

    /** Likewise, with a buffer in each slot. */
    long allocateFilledRing(int ringId, boolean transmit, int slots) {
        long offset = allocateRing(ringId, transmit, slots);
        fillRing(offset, slots);
        return offset;
    }

    void freeRing(long offset) {
        rings.free(rings.indexOf(offset));
    }

    /** Gives every slot of a ring a buffer of its own; {@link #requireRoom} has made sure that there are enough. */
    void fillRing(long ringOffset, int slots) {
        long ring = address() + ringOffset;
        for (int k = 0; k < slots; k++) {
            NetmapSlot.write(
                    NetmapRing.slot(ring, k), NetmapSlot.descriptor(buffers.allocate(), buffers.objectSize(), 0));
        }
    }

    /** Copies all slots of a ring to its mirror at the other end of a lane. */
    void mirrorRing(long fromOffset, long toOffset, int slots) {
        long from = address() + fromOffset;
        Memory.copy(NetmapRing.slot(from, 0), NetmapRing.slot(address() + toOffset, 0), (long) slots * NetmapSlot.SIZE);
    }

    long allocateLane() {
        long offset = allocate(lanes);
        PipeLane.initialise(address() + offset);
        return offset;
    }

    void freeLane(long offset) {
        lanes.free(lanes.indexOf(offset));
    }

    /**
     * Says who watches a ring.
     *
     * @param lane 1 + the index of the first {@link MonitorLane}, 0 = nobody
     */
    void watch(long ringOffset, int lane) {
        Memory.putIntRelease(view.watchWord(address() + ringOffset), lane);
        Memory.putIntRelease(address() + ringOffset + NetmapRing.WATCHED_OFFSET, lane == 0 ? 0 : 1);
    }

    /** The lane's index. */
    int laneIndex(long offset) {
        return lanes.indexOf(offset);
    }

    /** The ring's index. */
    int ringIndex(long offset) {
        return rings.indexOf(offset);
    }

    private long allocate(ObjectPool pool) {
        int index = pool.allocate();
        if (index < 0) {
            throw refusal("all " + pool.total() + " objects of a pool are in use: close ports");
        }
        return pool.offsetOf(index);
    }

    /** Builds a list of up to {@code count} extra buffers in a {@code netmap_if} (ABI §2.7). Returns how many there were. */
    int allocateExtraBuffers(long interfaceOffset, int count) {
        int obtained = 0;
        int head = 0;
        while (obtained < count) {
            int index = buffers.allocate();
            if (index < 0) {
                break;
            }
            Memory.putInt(bufferAddress(index), head);
            head = index;
            obtained++;
        }
        NetmapIf.bufsHead(address() + interfaceOffset, head);
        return obtained;
    }

    /**
     * The list of extra buffers, as far as it makes sense: it ends at an index that is out of range, free or repeated.
     *
     * @param most how many there can be
     */
    List<Integer> extraBuffers(long interfaceOffset, int most) {
        List<Integer> list = new ArrayList<>();
        BitSet seen = new BitSet();
        int index = NetmapIf.bufsHead(address() + interfaceOffset);
        while (list.size() < most && index >= FIRST_BUFFER && buffers.inUse(index) && !seen.get(index)) {
            seen.set(index);
            list.add(index);
            index = Memory.getInt(bufferAddress(index));
        }
        return list;
    }

    /** Slots used by ports: what a region that is idle must not have. */
    boolean idle() {
        return interfaces.available() == interfaces.total() && rings.available() == rings.total();
    }

    void close() {
        mapping.close();
        Linux.close(memfd);
        view.bell().close();
    }
}
