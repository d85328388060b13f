// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

/** How a function is. */
public enum FunctionState {
    STOPPED,
    RUNNING,
    /** It has thrown, and packets pass it by until it is restored. */
    QUARANTINED,
    RESTARTING,
    FAILED
}
