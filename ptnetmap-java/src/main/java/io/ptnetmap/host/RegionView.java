// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import java.lang.invoke.VarHandle;

/**
 * A region as a process that uses it sees it.
 *
 * @param memory the whole of it, control area included
 * @param buffers packet buffers
 * @param fence whether syncs fence, because the kernel has no expedited membarrier for sleepers to use
 */
record RegionView(Mapping memory, int buffers, boolean fence) {
    /**
     * What a thread passes between asking to be woken and looking once more. Without it, a peer that published just
     * before could miss the request while we miss its slots.
     */
    void sleeperBarrier() {
        if (fence) {
            VarHandle.fullFence();
        } else {
            Linux.globalBarrier();
        }
    }
}
