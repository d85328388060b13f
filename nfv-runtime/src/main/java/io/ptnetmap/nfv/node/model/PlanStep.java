// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

/**
 * One step of a change.
 *
 * @param subject a function's name, or a link's {@code FROM..TO}
 */
public record PlanStep(Action action, String subject, String detail) {
    /** What is done. */
    public enum Action {
        ADD,
        REMOVE,
        REPLACE,
        RECONFIGURE,
        MOVE,
        CHANGE
    }
}
