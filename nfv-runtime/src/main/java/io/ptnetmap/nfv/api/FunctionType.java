// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import io.micronaut.context.annotation.Prototype;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Makes a {@link NetworkFunction} known to chains. It is found at compile time, as a Micronaut bean of its own per instance. */
@Documented
@Prototype
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface FunctionType {
    /** The name in chain descriptors: lower case with dashes. */
    String name();

    /** One line for lists and help. */
    String summary();

    /** Where it stands in a chain. */
    Kind kind() default Kind.MIDDLE;

    /**
     * Whether it only looks: it neither changes nor drops nor adds packets. Such functions may run in parallel on the same
     * packets; the engine ignores any verdict they give.
     */
    boolean readOnly() default false;

    /** Places in a chain. */
    enum Kind {
        /** Makes packets; one port, {@code out}. */
        SOURCE,
        /** Passes packets on between two ports, {@code in} and {@code out}. */
        MIDDLE,
        /** Takes packets; one port, {@code in}. */
        SINK
    }
}
