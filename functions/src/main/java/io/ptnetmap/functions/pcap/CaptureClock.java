// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.pcap;

import io.ptnetmap.nfv.api.Packet;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Dates packets that carry no timestamp of their own, by the engine's clock. Allocates nothing per packet. */
public final class CaptureClock {
    private final long epochOffset;

    /**
     * Reads the time of day once; the engine's clock tells the time from here on.
     *
     * @param nowNanos the engine's clock, now
     */
    public CaptureClock(long nowNanos) {
        epochOffset = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now()) - nowNanos;
    }

    /**
     * The packet's own timestamp, or the present time where it has none; nanoseconds since the epoch.
     *
     * @param nowNanos the engine's clock, as {@link io.ptnetmap.nfv.api.PacketBatch#nowNanos()}
     */
    public long timestamp(Packet packet, long nowNanos) {
        return packet.timestampNanos() != 0 ? packet.timestampNanos() : epochOffset + nowNanos;
    }
}
