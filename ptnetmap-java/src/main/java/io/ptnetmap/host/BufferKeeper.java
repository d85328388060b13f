// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapSlot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the books over a region's buffers when users come to a sudden end.
 *
 * <p>A swap is two stores. A process that dies between them leaves one index in two of its own slots, and another
 * nowhere. The number of slots equals the number of buffers, so there are exactly as many lost indexes as doubled ones,
 * and the doubled ones lie in slots that nobody else writes. The lost ones are harder to tell: live users keep moving
 * buffers while the region is walked, so a walk may miss a buffer that is not lost. But a lost buffer is missed by every
 * walk. So walks are repeated and intersected until as many candidates remain as are known to be lost; these are then
 * the lost ones for certain.
 *
 * <p>Guarded by the host's lock.
 */
final class BufferKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(BufferKeeper.class);
    private static final int MOST_WALKS = 1000;

    private final Region region;

    BufferKeeper(Region region) {
        this.region = region;
    }

    /** Frees the buffers in a set of slots that is going away. */
    void free(SlotOwner owner) {
        owner.forEachSlot(slot -> region.buffers().free(NetmapSlot.bufIdx(NetmapSlot.read(slot))));
    }

    /**
     * Puts slots right whose user is gone: each gets a buffer that is nowhere else.
     *
     * @param abandoned shows the slots of the user that is gone; no one writes them
     * @param everyone all slots of the region, including those
     * @param extraLists offsets of the {@code netmap_if}s with lists of extra buffers
     * @return slots that had to be put right
     */
    int reconcile(Consumer<SlotOwner.Visitor> abandoned, Collection<SlotOwner> everyone, Collection<Long> extraLists) {
        List<Long> wrong = new ArrayList<>();
        BitSet seen = new BitSet();
        abandoned.accept(slot -> {
            int index = NetmapSlot.bufIdx(NetmapSlot.read(slot));
            if (!valid(index) || seen.get(index)) {
                wrong.add(slot);
            } else {
                seen.set(index);
            }
        });
        if (wrong.isEmpty()) {
            return 0;
        }
        BitSet lost = findLost(wrong.size(), everyone, extraLists);
        int next = -1;
        for (long slot : wrong) {
            next = lost.nextSetBit(next + 1);
            // Where the lost ones cannot be told, a fresh buffer serves; the lost ones return when the region falls
            // idle.
            int index = next >= 0 ? next : Math.max(region.buffers().allocate(), 0);
            NetmapSlot.write(slot, NetmapSlot.descriptor(index, 0, NetmapSlot.NS_BUF_CHANGED));
        }
        LOG.debug("region {}: {} slots of a dead user put right", region.memId(), wrong.size());
        return wrong.size();
    }

    private BitSet findLost(int expected, Collection<SlotOwner> everyone, Collection<Long> extraLists) {
        BitSet candidates = region.buffers().inUse();
        candidates.clear(0, Region.FIRST_BUFFER);
        for (int walk = 0; walk < MOST_WALKS; walk++) {
            everyone.forEach(owner -> owner.forEachSlot(slot -> candidates.clear(indexOrReserved(slot))));
            extraLists.forEach(list -> region.extraBuffers(list).forEach(candidates::clear));
            if (candidates.cardinality() <= expected) {
                return candidates;
            }
            Thread.yield();
        }
        LOG.warn(
                "region {}: {} buffers are out of sight where {} are lost; they return when the region falls idle",
                region.memId(),
                candidates.cardinality(),
                expected);
        return new BitSet();
    }

    private static int indexOrReserved(long slot) {
        return Math.max(NetmapSlot.bufIdx(NetmapSlot.read(slot)), 0);
    }

    private boolean valid(int index) {
        return index >= Region.FIRST_BUFFER && region.buffers().inUse(index);
    }

    BufferAudit audit(Collection<SlotOwner> everyone, Collection<Long> extraLists) {
        BitSet once = new BitSet();
        BitSet doubled = new BitSet();
        everyone.forEach(owner -> owner.forEachSlot(slot -> {
            int index = indexOrReserved(slot);
            (once.get(index) || !valid(index) ? doubled : once).set(index);
        }));
        int inSlots = once.cardinality();
        int extra = 0;
        for (long list : extraLists) {
            for (int index : region.extraBuffers(list)) {
                (once.get(index) ? doubled : once).set(index);
                extra++;
            }
        }
        BitSet lost = region.buffers().inUse();
        lost.clear(0, Region.FIRST_BUFFER);
        lost.andNot(once);
        return new BufferAudit(
                region.buffers().total(),
                region.buffers().available(),
                inSlots,
                extra,
                lost.stream().boxed().toList(),
                doubled.stream().boxed().toList());
    }

    /** Takes back whatever was lost, when nobody uses the region any more (ABI §2.8). */
    void rebuild() {
        BitSet lost = region.buffers().inUse();
        lost.clear(0, Region.FIRST_BUFFER);
        lost.stream().forEach(region.buffers()::free);
    }
}
