// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * One packet's way through a chain.
 *
 * @param number from 1, in the order in which traces are told
 * @param start when it was first seen
 * @param length of the packet then, in bytes
 * @param packet its bytes then, in hexadecimal: at most its first buffer
 * @param fields what its headers said then, by name, such as {@code ipv4.src}
 * @param steps the functions that it has passed, in that order
 * @param end what became of it, for people
 * @param complete whether its end is known
 */
public record PacketTrace(
        long number,
        Instant start,
        int length,
        String packet,
        List<Field> fields,
        List<Step> steps,
        String end,
        boolean complete) {

    /** A header's field, as text. */
    public record Field(String name, String value) {}

    /**
     * What a function did to the packet.
     *
     * @param function its name
     * @param process where it runs, as in the accounts
     * @param worker thread in its process
     * @param reverse whether the packet came in at the function's {@code out} side
     * @param linkNanos from the end of the function before to the beginning of this one; empty where it is not known: at the first
     *     function, and between host and virtual machine, whose clocks differ
     * @param nanos that the function took for the batch in which the packet was
     * @param batch packets of it
     * @param cause of the drop; empty if there was none
     * @param changes what it rewrote
     */
    public record Step(
            String function,
            String process,
            int worker,
            boolean reverse,
            OptionalLong linkNanos,
            long nanos,
            int batch,
            Verdict verdict,
            String cause,
            List<FieldChange> changes) {
        /** Where the packet came in, as people write it. */
        public String side() {
            return reverse ? "out" : "in";
        }
    }
}
