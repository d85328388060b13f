// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

/** A change that was not made: the chain runs on as it was before, with all that its functions knew. */
public final class ChangeRefusedException extends RuntimeException {
    private final String node;
    private final String field;

    /**
     * @param node name of the function or port that it is about; empty where none can be named
     * @param field path of the field within the node, empty where none can be named
     * @param message why, and what to do
     */
    public ChangeRefusedException(String node, String field, String message) {
        this(node, field, message, null);
    }

    /** The same with what led to it. */
    public ChangeRefusedException(String node, String field, String message, Throwable cause) {
        super(message, cause);
        this.node = node;
        this.field = field;
    }

    /** Name of the function or port, empty where none can be named. */
    public String node() {
        return node;
    }

    /** Path of the field within the node's {@code config}, or name of the node's own field; empty where none can be named. */
    public String field() {
        return field;
    }
}
