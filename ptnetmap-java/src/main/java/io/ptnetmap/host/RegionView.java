// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

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
 */
record RegionView(Mapping memory, PoolsInfo pools, boolean fence) {
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
