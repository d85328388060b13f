// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Ring;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.memory.Memory;

/** Slots one behind the other, checked once for all of them. */
final class SlotRuns {
    private SlotRuns() {}

    /**
     * Address of a run's first slot.
     *
     * @throws IndexOutOfBoundsException if the ring does not have all of them
     */
    static long address(Ring ring, int first, int count) {
        if (count > 0) {
            ring.ptrAddress(first + count - 1);
        }
        return ring.ptrAddress(first) - NetmapSlot.PTR_OFFSET;
    }

    /** The descriptor of a slot of a run. */
    static long descriptor(long run, int index) {
        return Memory.getLong(Memory.base(run) + Integer.toUnsignedLong(index) * NetmapSlot.SIZE);
    }

    /** Sets the length of what a slot of a run holds, and takes its flags away. */
    static void length(long run, int index, int length) {
        long slot = Memory.base(run) + Integer.toUnsignedLong(index) * NetmapSlot.SIZE;
        Memory.putLong(slot, NetmapSlot.descriptor(NetmapSlot.bufIdx(Memory.getLong(slot)), length, 0));
    }

    /**
     * What {@link Ring#move} does, for a run and from rings that nobody else looks at: what is left behind is not marked as
     * vacated.
     */
    static void move(Ring from, int slot, Ring to, int toSlot, int count) {
        if (!from.sharesMemoryWith(to)) {
            throw new IllegalArgumentException("buffers cannot move between regions");
        }
        long source = Memory.base(address(from, slot, count));
        long target = Memory.base(address(to, toSlot, count));
        for (int i = 0; i < count; i++) {
            long offset = Integer.toUnsignedLong(i) * NetmapSlot.SIZE;
            long packet = Memory.getLong(source + offset);
            long empty = Memory.getLong(target + offset);
            // The packet first, as there.
            Memory.putLong(target + offset, NetmapSlot.withFlags(packet, NetmapSlot.NS_BUF_CHANGED));
            Memory.putLong(
                    target + offset + NetmapSlot.PTR_OFFSET, Memory.getLong(source + offset + NetmapSlot.PTR_OFFSET));
            Memory.putLong(source + offset, NetmapSlot.descriptor(NetmapSlot.bufIdx(empty), 0, 0));
        }
    }
}
