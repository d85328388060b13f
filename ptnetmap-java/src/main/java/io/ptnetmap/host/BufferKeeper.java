// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapSlot;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the books over a region's buffers when users come to a sudden end.
 *
 * <p>A swap is two stores. A user that dies between them leaves one index in two slots, and another nowhere; one that means
 * harm leaves anything. But slots that nobody has open any more are written by nobody, and each of them must name a buffer
 * that is nowhere else. There are as many buffers in use as slots and extra buffers, so there are exactly as many lost
 * buffers as slots that are wrong. Which ones are lost is harder to tell: live users keep moving buffers while the region is
 * walked, so a walk may miss a buffer that is not lost. But a lost buffer is missed by every walk. So walks are repeated and
 * intersected until as many candidates remain as are known to be lost; these are then the lost ones for certain.
 *
 * <p>An object serves for one occasion. Guarded by the host's lock, see {@link Ports}.
 */
final class BufferKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(BufferKeeper.class);
    private static final int MOST_WALKS = 1000;
    /** Enough to see that nothing is wrong, where buffers in their users' hands keep the sums from agreeing. */
    private static final int ENOUGH_WALKS = 8;

    private final Region region;
    private final Collection<Grant> live;
    private final Collection<Grant> ended;
    private final Set<SlotOwner> owners = new HashSet<>();

    /** Buffers in use that no walk has seen. */
    private final BitSet missing;
    /** Buffers that a walk has seen with a live user. */
    private final BitSet taken = new BitSet();
    /** Buffers on lists of those that have ended. */
    private final BitSet bequeathed = new BitSet();

    /**
     * @param live the open ports of the region
     * @param ended ports that are being taken back: their rings are open no more
     */
    BufferKeeper(Region region, Collection<Grant> live, Collection<Grant> ended) {
        this.region = region;
        this.live = live;
        this.ended = ended;
        this.missing = inUse();
        Stream.concat(live.stream(), ended.stream()).map(Grant::owner).forEach(owners::add);
    }

    private BitSet inUse() {
        BitSet used = region.buffers().inUse();
        used.clear(0, Region.FIRST_BUFFER);
        return used;
    }

    /** Frees the buffers in a set of slots that is going away. */
    static void free(Region region, SlotOwner owner) {
        owner.forEachSlot(slot -> region.buffers().free(index(slot)));
    }

    /** The buffer that a slot names; a reserved one where it names none. */
    private static int index(long slot) {
        return NetmapSlot.bufIdx(PipeLane.plain(NetmapSlot.read(slot)));
    }

    private boolean valid(int index) {
        return index >= Region.FIRST_BUFFER && region.buffers().inUse(index);
    }

    private List<Integer> extras(Grant grant) {
        return region.extraBuffers(
                grant.interfaceOffset(), grant.registration().reply().extraBufs());
    }

    /** Looks at every slot and list, those that nobody has open being known already. */
    private void walk(Set<Long> abandoned) {
        for (SlotOwner owner : owners) {
            owner.forEachSlot(slot -> {
                int index = index(slot);
                missing.clear(index);
                if (!abandoned.contains(slot)) {
                    taken.set(index);
                }
            });
        }
        live.forEach(grant -> extras(grant).forEach(taken::set));
        ended.forEach(grant -> extras(grant).forEach(bequeathed::set));
        missing.andNot(taken);
        missing.andNot(bequeathed);
    }

    /** Buffers in use beyond those that slots and lists have room for: lost ones, already replaced. */
    private int surplus() {
        int room = owners.stream().mapToInt(SlotOwner::slots).sum();
        for (Grant grant : live) {
            room += grant.registration().reply().extraBufs();
        }
        for (Grant grant : ended) {
            room += grant.registration().reply().extraBufs();
        }
        return inUse().cardinality() - room;
    }

    /** Puts slots right that nobody has open: each gets a buffer that is nowhere else. Then frees the lists of the dead. */
    void reconcile() {
        Map<Long, Integer> named = new HashMap<>();
        Set<Long> wrong = new LinkedHashSet<>();
        BitSet seen = new BitSet();
        SlotOwner.Visitor first = slot -> {
            int index = index(slot);
            named.put(slot, index);
            if (!valid(index) || seen.get(index)) {
                wrong.add(slot);
            }
            seen.set(index);
        };
        // Of the two slots that a swap leaves with one buffer, the one to receive from keeps it: there it is a packet
        // still.
        owners.forEach(owner -> owner.forEachAbandonedSlot(false, first));
        owners.forEach(owner -> owner.forEachAbandonedSlot(true, first));
        int surplus = surplus();
        boolean accounted = false;
        for (int i = 0; !accounted && i < (wrong.isEmpty() ? ENOUGH_WALKS : MOST_WALKS); i++) {
            walk(named.keySet());
            named.forEach((slot, index) -> {
                if (taken.get(index) || bequeathed.get(index)) {
                    wrong.add(slot);
                }
            });
            accounted = missing.cardinality() == wrong.size() + surplus;
            Thread.yield();
        }
        repair(wrong, accounted ? missing : new BitSet());
        ended.forEach(grant ->
                extras(grant).stream().filter(index -> !taken.get(index)).forEach(region.buffers()::free));
    }

    private void repair(Set<Long> wrong, BitSet lost) {
        int next = -1;
        for (long slot : wrong) {
            next = lost.nextSetBit(next + 1);
            // Where the lost ones cannot be told, a fresh buffer serves.
            int index = next >= 0 ? next : Math.max(region.buffers().allocate(), 0);
            // Packets behind it may be handed over with it.
            long batch = NetmapSlot.read(slot) & PipeLane.BATCH;
            NetmapSlot.write(slot, NetmapSlot.descriptor(index, 0, NetmapSlot.NS_BUF_CHANGED) | batch);
        }
        if (!wrong.isEmpty()) {
            LOG.debug("region {}: {} slots of users that have gone were put right", region.memId(), wrong.size());
        }
    }

    /** Frees lost buffers that have been replaced, as soon as it is certain which they are. */
    void reclaim() {
        int surplus = surplus();
        for (int i = 0; surplus > 0 && i < MOST_WALKS; i++) {
            walk(Set.of());
            if (missing.cardinality() <= surplus) {
                missing.stream().forEach(region.buffers()::free);
                return;
            }
            Thread.yield();
        }
        if (surplus > 0) {
            LOG.warn(
                    "region {}: {} buffers are out of sight where {} are lost; they return when the region falls idle",
                    region.memId(),
                    missing.cardinality(),
                    surplus);
        }
    }

    BufferAudit audit() {
        BitSet once = new BitSet();
        BitSet doubled = new BitSet();
        owners.forEach(owner -> owner.forEachSlot(slot -> {
            int index = index(slot);
            (once.get(index) || !valid(index) ? doubled : once).set(index);
        }));
        int inSlots = once.cardinality();
        int extra = 0;
        for (Grant grant : live) {
            for (int index : extras(grant)) {
                (once.get(index) ? doubled : once).set(index);
                extra++;
            }
        }
        BitSet lost = inUse();
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
        inUse().stream().forEach(region.buffers()::free);
    }
}
