// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.telemetry.Conservation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a change of a running chain came to, with the proof that it lost nothing.
 *
 * @param steps that were made
 * @param nanos the whole change, preparations included, during nearly all of which packets flowed
 * @param pauses how long which parts took nothing in
 * @param carriedOver packets that were inside the parts that changed, or waited at their edges, when these stood still; all of
 *     them went on
 * @param overtakable packets that were still on a way that was taken away when the new one was opened, so that others may have
 *     overtaken them; counted in batches and rings while the workers concerned stood still. All links are queues, so that no
 *     packet can overtake another one in any other way
 * @param drained the links taken away
 * @param states what functions knew and handed over to their successors
 * @param before the accounts of the chain just before, exact although packets flowed
 * @param after the same just afterwards; nothing where a function does not come to the end of its batch
 * @param lostBefore packets that went with processes which had died before the change, and have now left the chain: until then
 *     they counted as held, and in {@code after} they are unaccounted for
 * @param switchDrops packets that the switches of links of type {@code vale} dropped while whoever sends there was to wait; empty where
 *     there are no such links. They are in the accounts, as drops of whoever had sent them, and not lost. 0 unless he could not be
 *     told to, as when his process has died meanwhile, or a function has sent packets back the way they came, which never wait
 * @param mishaps what went wrong in spite of which the change was completed, such as the death of a process, as sentences; what
 *     such a process held is lost, as ever
 */
public record ChangeReport(
        List<ChangeStep> steps,
        long nanos,
        List<Pause> pauses,
        long carriedOver,
        long overtakable,
        List<DrainedLink> drained,
        List<HandedOver> states,
        Conservation before,
        Optional<Conservation> after,
        long lostBefore,
        OptionalLong switchDrops,
        List<String> mishaps) {
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
     * @param backward whether it is the one towards the chain's beginning
     * @param sent packets sent into it in its life
     * @param received packets read from it in its life
     * @param counted whether both ends have counted all of that; a process that died took its count along, so that the other end's
     *     has nothing to be compared with
     */
    public record DrainedLink(String link, boolean backward, long sent, long received, boolean counted) {
        /** Packets that were sent into it and not read from it, as far as both ends can tell. */
        public long lost() {
            return counted ? sent - received : 0;
        }
    }

    /**
     * What a function knew.
     *
     * @param function name of the instance
     * @param taken entries that its successor goes on with, by what they are
     * @param dropped entries that mean nothing to its successor, by what they are and why
     */
    public record HandedOver(String function, Map<String, Long> taken, Map<String, Long> dropped) {}

    /** Packets that were lost (or, below 0, doubled) by the change: on links taken away, or so that the accounts cannot explain it. */
    public long lost() {
        long onLinks = drained.stream().mapToLong(DrainedLink::lost).sum();
        long inAccounts = after.map(accounts -> accounts.unaccounted() - before.unaccounted() - lostBefore)
                .orElse(0L);
        return onLinks == 0 ? inAccounts : onLinks;
    }

    /** Whether no packet was lost or doubled: nothing that the accounts cannot explain has come in with the change. */
    public boolean conserved() {
        return lost() == 0 && after.isPresent();
    }
}
