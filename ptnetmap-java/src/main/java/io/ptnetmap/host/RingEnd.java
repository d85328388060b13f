// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.RingWindow;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.memory.Memory;

/**
 * The port's side of one ring: what the kernel's half of netmap is in the original. Checks at each sync what the ring's user
 * has done (ABI §3.3), and puts the ring right where that was against the rules. For one thread.
 */
abstract sealed class RingEnd implements RingSync permits PipeEnd, InterfaceTx, InterfaceRx {
    /** Keeps the addresses valid. */
    final Mapping memory;

    /** Packet buffers of the region. */
    final int buffers;

    /** Address of the ring that this end's user works on. */
    final long ring;

    final int slots;

    /** First slot that this end has not taken from its user. */
    int hwcur;
    /** First slot that this end's user does not own. */
    int hwtail;

    private boolean violated;

    /** @param slots of the ring, from who has made it: the ring's own header is in memory that others write */
    RingEnd(RegionView region, long ringOffset, int slots) {
        this.memory = region.memory();
        this.buffers = region.buffers();
        this.ring = memory.address() + ringOffset;
        this.slots = slots;
    }

    /** Takes the user's slots {@code [hwcur, head)}, and updates {@code hwtail}. */
    abstract void exchange(int head);

    @Override
    public final boolean sync() {
        // Each once: what is checked is what is used.
        int head = Memory.getIntOpaque(ring + NetmapRing.HEAD_OFFSET);
        int cur = Memory.getIntOpaque(ring + NetmapRing.CUR_OFFSET);
        if (!RingWindow.accepts(hwcur, hwtail, head, cur, slots)) {
            reinitialise();
            violated = true;
            return false;
        }
        exchange(head);
        // Compared with what is there, not with what was written last: the user may have overwritten it (ABI §3.3), or
        // died before it was written.
        if (NetmapRing.tail(ring) != hwtail) {
            NetmapRing.tail(ring, hwtail);
        }
        return true;
    }

    /** {@code POLLERR} where a violation has been found since the last {@link #forgetViolation} (ABI §3.4), else 0. */
    final int trouble() {
        return violated ? Linux.POLLERR : 0;
    }

    final void forgetViolation() {
        violated = false;
    }

    /** A slot names no buffer, or more bytes than a buffer has. */
    final void violation() {
        violated = true;
    }

    /** {@code cur != tail}: the condition under which poll reports this ring. */
    final boolean ready() {
        return NetmapRing.cur(ring) != NetmapRing.tail(ring);
    }

    /**
     * Puts a ring right after its user broke the rules. Unlike upstream, which accepts the same bad {@code head} at the
     * next sync, this always goes back to what the port knows.
     */
    private void reinitialise() {
        for (int k = hwcur; k != hwtail; k = next(k)) {
            long slot = NetmapRing.slot(ring, k);
            long descriptor = NetmapSlot.read(slot);
            int index = NetmapSlot.bufIdx(descriptor);
            if (!validBuffer(index)) {
                NetmapSlot.write(slot, NetmapSlot.descriptor(0, 0, NetmapSlot.flags(descriptor)));
            } else if (NetmapSlot.len(descriptor) > NetmapRing.bufSize(ring)) {
                NetmapSlot.write(slot, NetmapSlot.descriptor(index, 0, NetmapSlot.flags(descriptor)));
            }
        }
        NetmapRing.head(ring, hwcur);
        NetmapRing.cur(ring, hwcur);
        NetmapRing.tail(ring, hwtail);
    }

    final boolean validBuffer(int index) {
        return index >= Region.FIRST_BUFFER && index < buffers;
    }

    final int next(int slot) {
        return slot + 1 == slots ? 0 : slot + 1;
    }

    final int previous(int slot) {
        return slot == 0 ? slots - 1 : slot - 1;
    }
}
