// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

import java.util.Map;
import java.util.Optional;

/**
 * A port of a VALE switch, or a persistent port that is not attached to any (ABI §5.7, §10).
 *
 * @param name {@code vale0:a}; of a port that is not attached its own name alone
 * @param bridge index of the switch; {@link #UNATTACHED} where there is none
 * @param port number at the switch
 * @param traffic what has passed and what was lost; empty where the driver does not count
 */
public record SwitchPort(String name, int bridge, int port, Optional<Traffic> traffic) {
    /** The index of no switch, which comes after all others. */
    public static final int UNATTACHED = 8;

    /**
     * What has passed since the port was made, in packets.
     *
     * @param taken from the port's transmit rings
     * @param copies for other ports that were called for by these packets
     * @param delivered copies of others' packets that were put into the port's receive rings
     * @param drops on the way in and out, by cause; causes that never occurred may be missing
     */
    public record Traffic(long taken, long copies, long delivered, Map<DropCause, Long> drops) {
        public Traffic {
            drops = Map.copyOf(drops);
        }

        public long dropped(DropCause cause) {
            return drops.getOrDefault(cause, 0L);
        }
    }
}
