// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.model;

import io.ptnetmap.nfv.node.model.ChangeSummary.Direction;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The way of one packet through a chain.
 *
 * @param number of the packet, from the beginning of the trace
 * @param time when it was taken in
 * @param length its bytes
 * @param summary what it is
 * @param steps in their order
 */
public record PacketTrace(
        String chain,
        long number,
        Optional<Instant> time,
        Direction direction,
        int length,
        Optional<String> summary,
        List<Step> steps) {
    /**
     * What one function did with it.
     *
     * @param verdict {@code forward}, {@code drop CAUSE}, {@code consume} or {@code reflect}
     * @param nanos how long the function took
     */
    public record Step(String function, String verdict, OptionalLong nanos, Optional<List<FieldChange>> changes) {}

    /** A field that was changed. */
    public record FieldChange(String field, String before, String after) {}
}
