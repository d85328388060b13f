// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

/** How a chain is to be. */
public enum DesiredState {
    RUNNING,
    STOPPED
}
