// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

/** Is told of each step of a change of a running chain just before it is taken. For tests, which have something fail there. */
@FunctionalInterface
interface ChangeWitness {
    /** Looks away. */
    ChangeWitness NONE = (place, step) -> {};

    /**
     * A part is about to be told to take a step.
     *
     * @param place {@linkplain ChainPart#place of the part}; a process that comes in is told of by {@link ChangeOrder.Step#PREPARE}
     *     when it has been launched, and is waited for
     */
    void before(String place, ChangeOrder.Step step);
}
