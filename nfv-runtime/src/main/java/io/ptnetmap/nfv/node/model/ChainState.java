// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

/** How a chain is. */
public enum ChainState {
    STOPPED,
    STARTING,
    RUNNING,
    CHANGING,
    STOPPING,
    /** Its sources are exhausted and all packets have arrived. */
    ENDED,
    FAILED
}
