// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import java.lang.invoke.VarHandle;

/**
 * A region as a process that uses it sees it.
 *
 * @param memory the whole of it, control area included
 * @param pools where its objects lie, from who keeps it: what the rings' own headers say, others can overwrite
 * @param fence whether syncs fence, because the kernel has no expedited membarrier for sleepers to use
 * @param bell wakes the users of monitors
 */
record RegionView(Mapping memory, PoolsInfo pools, boolean fence, MonitorBell bell) {
    /** Packet buffers. */
    int buffers() {
        return pools.buffer().objects();
    }

    /** Bytes of each. */
    int bufferSize() {
        return pools.buffer().objectSize();
    }

    /** Address of buffer 0. */
    long bufferBase() {
        return memory.address() + pools.buffer().offset();
    }

    /** How many lanes there are: as many as pairs of rings. */
    int lanes() {
        return pools.ring().objects() / 2;
    }

    /** Address of a {@link PipeLane}. */
    long laneAddress(int index) {
        return memory.address() + pools.memsize() + (long) index * PipeLane.SIZE;
    }

    /**
     * Address of the word that says who watches a ring: 1 + the index of the first {@link MonitorLane}, 0 = nobody. What is no
     * ring has a word that is never written.
     */
    long watchWord(long ring) {
        long at = ring - memory.address() - pools.ring().offset();
        long index = at / pools.ring().objectSize();
        boolean valid = at >= 0 && index < pools.ring().objects();
        return laneAddress(lanes()) + (valid ? index : pools.ring().objects()) * Long.BYTES;
    }

    /** Whether there is a ring of this index, with room for so many slots. */
    boolean isRing(int index, int slots) {
        return Integer.compareUnsigned(index, pools.ring().objects()) < 0
                && slots > 1
                && slots <= (pools.ring().objectSize() - NetmapRing.SLOT_OFFSET) / NetmapSlot.SIZE;
    }

    /** Address of a ring by its index. */
    long ringAddress(int index) {
        return memory.address()
                + pools.ring().offset()
                + (long) index * pools.ring().objectSize();
    }

    /**
     * What a thread passes between asking to be woken and looking once more. Without it, a peer that published just
     * before could miss the request while we miss its slots.
     *
     * @param fenced whether all peers fence themselves
     */
    void sleeperBarrier(boolean fenced) {
        if (fence || fenced) {
            VarHandle.fullFence();
        } else {
            Linux.globalBarrier();
        }
    }
}
