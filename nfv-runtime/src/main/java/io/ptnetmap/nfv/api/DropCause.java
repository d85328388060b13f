// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

/** Why packets are dropped, with their count. Made by {@link FunctionContext#dropCause}. */
public final class DropCause {
    private final String name;
    private final Counter packets;

    /**
     * A cause for which nothing has been dropped yet. For the engine.
     *
     * @param name lower case with dashes
     */
    public DropCause(String name) {
        this.name = name;
        this.packets = new Counter(name, "Packets dropped: " + name);
    }

    /** Lower case with dashes, such as {@code no-rule}. */
    public String name() {
        return name;
    }

    /** Packets dropped for this cause. */
    public Counter packets() {
        return packets;
    }

    @Override
    public String toString() {
        return name;
    }
}
