// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A number that one thread adds to and any thread may read. Functions get theirs from {@link FunctionContext#counter}. */
public final class Counter {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Counter.class, "value", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final String name;
    private final String description;
    private long value;

    /**
     * A counter that stands at 0. For the engine.
     *
     * @param name lower case with dashes
     * @param description one line for people
     */
    public Counter(String name, String description) {
        this.name = name;
        this.description = description;
    }

    /** Lower case with dashes. */
    public String name() {
        return name;
    }

    /** One line for people. */
    public String description() {
        return description;
    }

    /** Adds to the counter. By its one writer only. */
    public void add(long delta) {
        VALUE.setOpaque(this, value + delta);
    }

    /** The present value. From any thread. */
    public long value() {
        return (long) VALUE.getOpaque(this);
    }
}
