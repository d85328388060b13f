// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.memory.Memory;
import java.lang.foreign.MemorySegment;

/** A transmit ring: {@link #available()} slots are free to be filled. See {@link Ring}. */
public final class TxRing extends Ring {
    TxRing(NetmapPort port, PortBinding binding, RingSync sync, long ring) {
        super(port, binding, sync, ring);
    }

    /**
     * Copies a packet into the next slots, as many as its length needs, and {@linkplain #advance gives} them to the port.
     * The convenient way, for tests and tools; call {@link #sync} after a batch.
     *
     * @return false if there is not enough room: sync and try again
     * @throws IllegalArgumentException if the packet needs more than {@value NetmapSlot#NETMAP_MAX_FRAGS} slots
     */
    public boolean inject(MemorySegment packet) {
        long length = packet.byteSize();
        long fragments = Math.max(1, (length + bufferSize() - 1) / bufferSize());
        if (fragments > NetmapSlot.NETMAP_MAX_FRAGS) {
            throw new IllegalArgumentException("a packet of " + length + " bytes needs " + fragments
                    + " slots; netmap allows " + NetmapSlot.NETMAP_MAX_FRAGS);
        }
        if (fragments > available()) {
            return false;
        }
        int slot = head();
        long done = 0;
        for (int i = 0; i < fragments; i++) {
            int part = (int) Math.min(bufferSize(), length - done);
            MemorySegment.copy(packet, done, Memory.segment(bufferAddress(slot), part), 0, part);
            descriptor(
                    slot,
                    NetmapSlot.descriptor(bufferIndex(slot), part, i + 1 < fragments ? NetmapSlot.NS_MOREFRAG : 0));
            ptr(slot, 0);
            done += part;
            slot = next(slot);
        }
        advance((int) fragments);
        return true;
    }

    /** Slots that were given to the port and have not come back: sent, but not yet taken by the other end. */
    public int pending() {
        return slots() - 1 - available();
    }

    /** Whether everything has been taken: {@code head == tail + 1} (ABI §3.1). */
    public boolean drained() {
        return pending() == 0;
    }
}
