// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.telemetry.Conservation;
import java.util.List;
import java.util.Map;

/**
 * What a change of a running chain came to, with the proof that it lost nothing.
 *
 * @param steps that were made
 * @param nanos the whole change, preparations included, during nearly all of which packets flowed
 * @param pauses how long which parts took nothing in
 * @param carriedOver packets that were inside the parts that changed, or waited at their edges, when these stood still; all of
 *     them went on
 * @param drained the links taken away
 * @param states what functions knew and handed over to their successors
 * @param before the accounts of the chain just before, exact although packets flowed
 * @param after the same just afterwards
 */
public record ChangeReport(
        List<ChangeStep> steps,
        long nanos,
        List<Pause> pauses,
        long carriedOver,
        List<DrainedLink> drained,
        List<HandedOver> states,
        Conservation before,
        Conservation after) {
    /**
     * A part of the chain that stood still for a moment.
     *
     * @param part its functions, in the chain's order, and where they run
     * @param nanos from the last packet that it could have taken in to the next
     */
    public record Pause(String part, long nanos) {}

    /**
     * One direction of a link that was taken away. Packets pass a link in order, so equal numbers say that all of them
     * arrived, in order.
     *
     * @param link name of the link, such as {@code firewall - nat44}
     * @param direction {@code forward} or {@code backward}
     * @param sent packets sent into it in its life
     * @param received packets read from it in its life
     */
    public record DrainedLink(String link, String direction, long sent, long received) {}

    /**
     * What a function knew.
     *
     * @param function name of the instance
     * @param taken entries that its successor goes on with, by what they are
     * @param dropped entries that mean nothing to its successor, by what they are and why
     */
    public record HandedOver(String function, Map<String, Long> taken, Map<String, Long> dropped) {}

    /** Whether no packet was lost or doubled: nothing that the accounts cannot explain has come in with the change. */
    public boolean conserved() {
        return before.unaccounted() == after.unaccounted()
                && drained.stream().allMatch(link -> link.sent() == link.received());
    }
}
