// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The accounts of a chain at one moment. Counters only grow; take the difference of two snapshots for rates.
 *
 * @param chain name of the chain
 * @param elapsedNanos since the chain was started
 * @param hops one per function or port, in the chain's order
 */
public record ChainSnapshot(String chain, long elapsedNanos, List<Hop> hops) {
    /**
     * The account of one function, or of a port at an end; made by a {@link HopBuilder}, which names the figures.
     *
     * @param name of the instance
     * @param type of the function, or the port's specification
     * @param process where it runs: {@code same}, or {@code pid 123}
     * @param worker thread within its process
     * @param received packets taken in, at either side
     * @param receivedBytes their bytes, without the Ethernet checksum
     * @param created packets that it made
     * @param sent packets passed on, at either side
     * @param sentBytes their bytes
     * @param consumed packets that ended here as intended
     * @param drops packets dropped, by cause
     * @param held packets taken in that have no verdict yet
     * @param link the link towards the chain's beginning
     * @param receivedBackward of the packets received, those that came in at the side of the chain's end
     * @param receivedBackwardBytes their bytes
     */
    public record Hop(
            String name,
            String type,
            String process,
            int worker,
            long received,
            long receivedBytes,
            long created,
            long sent,
            long sentBytes,
            long consumed,
            Map<String, Long> drops,
            long held,
            Link link,
            long receivedBackward,
            long receivedBackwardBytes) {
        /** This account continued after an earlier one of the same function, whose process has ended. */
        public Hop plus(Hop earlier) {
            return new HopBuilder(this)
                    .received(received + earlier.received, receivedBytes + earlier.receivedBytes)
                    .receivedBackward(
                            receivedBackward + earlier.receivedBackward,
                            receivedBackwardBytes + earlier.receivedBackwardBytes)
                    .created(created + earlier.created)
                    .sent(sent + earlier.sent, sentBytes + earlier.sentBytes)
                    .consumed(consumed + earlier.consumed)
                    .drops(sum(earlier.drops, drops))
                    .build();
        }

        private static Map<String, Long> sum(Map<String, Long> drops, Map<String, Long> more) {
            Map<String, Long> all = new LinkedHashMap<>(drops);
            more.forEach((cause, count) -> all.merge(cause, count, Long::sum));
            return all;
        }

        /** This account where some of the packets that were passed on have been dropped on the way; their bytes are not known. */
        public Hop unsent(Map<String, Long> onTheWay) {
            return new HopBuilder(this)
                    .sent(sent - packets(onTheWay), sentBytes)
                    .drops(sum(drops, onTheWay))
                    .build();
        }

        /** Packets dropped for any cause. */
        public long dropped() {
            return packets(drops);
        }

        private static long packets(Map<String, Long> drops) {
            long sum = 0;
            for (long packets : drops.values()) {
                sum += packets;
            }
            return sum;
        }

        /** Packets that the account cannot explain: 0 unless something is wrong. */
        public long unaccounted() {
            return received + created - sent - dropped() - consumed - held;
        }
    }

    /**
     * A link's state.
     *
     * @param kind {@code call}, {@code thread}, {@code pipe}, {@code vale}, or {@code -} before the first function
     * @param slots ring size, 0 where there is no ring
     * @param used slots that hold packets towards the chain's end
     */
    public record Link(String kind, int slots, int used) {}
}
