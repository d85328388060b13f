// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The regions of a host, and the ports that are open in each.
 *
 * <p>A region is the unit of trust. There are such as anybody may open ports in, the first of them being the global one, and such
 * as belong to a port of a switch: these go with it, and are entered only by whom its user lets in.
 *
 * <p>Guarded by the host's lock, see {@link Ports}.
 */
final class Regions {
    /** Where ports are opened that ask for no region. */
    private static final int GLOBAL = 1;

    /** Ids have 16 bits (ABI §2.8). */
    private static final int LAST_ID = 0xffff;

    private final RegionConfig global;
    private final Map<Integer, Region> regions = new HashMap<>();
    private final Map<Region, Set<Grant>> open = new HashMap<>();
    private final Set<Region> owned = new HashSet<>();
    private int lastMemId;

    /** With the global one. */
    Regions(RegionConfig global) {
        this.global = global;
        create(global);
    }

    /** How the global one was made. */
    RegionConfig global() {
        return global;
    }

    /** One that anybody may open ports in. */
    Region create(RegionConfig config) {
        Region region = new Region(nextMemId(), config);
        regions.put(region.memId(), region);
        open.put(region, new LinkedHashSet<>());
        return region;
    }

    /** One that belongs to a port, with which it is to be {@linkplain #discard discarded}. */
    Region createOwned(RegionConfig config) {
        Region region = create(config);
        owned.add(region);
        return region;
    }

    /** Upward from the last one, so that an id does not come again soon. */
    private int nextMemId() {
        do {
            lastMemId = lastMemId % LAST_ID + 1;
        } while (regions.containsKey(lastMemId));
        return lastMemId;
    }

    void discard(Region region) {
        owned.remove(region);
        regions.remove(region.memId());
        open.remove(region);
        region.close();
    }

    /** Whether a region belongs to a port. */
    boolean isOwned(Region region) {
        return owned.contains(region);
    }

    /**
     * The region of an id.
     *
     * @param what it is looked for
     */
    Region get(String what, int memId) {
        Region region = regions.get(memId);
        if (region == null) {
            throw new LinuxException(
                    what, Errno.EINVAL, "there is no region " + memId + " here; there are " + regions.keySet());
        }
        return region;
    }

    Region get(PortRequest request, int memId) {
        return get("REGISTER " + request.name(), memId);
    }

    /** The region of an id, the global one for 0. */
    Region getOrGlobal(PortRequest request, int memId) {
        return get(request, memId == 0 ? GLOBAL : memId);
    }

    List<Region> all() {
        return List.copyOf(regions.values());
    }

    /** The ports that are open in a region, and the users at the sending ends of its monitors' lanes. */
    Set<Grant> open(Region region) {
        return open.get(region);
    }

    /** The open ports of all regions. */
    Collection<Set<Grant>> open() {
        return open.values();
    }

    /** As {@link #requireTrust}, of the region that a request names, if it names one. */
    void requireTrust(PortRequest request, Predicate<Region> mayShare) {
        Region region = regions.get(request.memId());
        if (region != null) {
            requireTrust(request, region, mayShare);
        }
    }

    /**
     * Refuses a user whom the owner of a region has not let in.
     *
     * @param mayShare which of the regions that belong to one port the user may lie in, too: those of other ports of his session
     */
    void requireTrust(PortRequest request, Region region, Predicate<Region> mayShare) {
        if (owned.contains(region) && !mayShare.test(region)) {
            throw Wishes.refuse(
                    request,
                    Errno.EACCES,
                    "region " + region.memId() + " belongs to a switch's port that another program has open: whoever is"
                            + " in a region can read and write all of it");
        }
    }

    /** Opens a port: makes its {@code netmap_if} with the table of rings and a list of extra buffers, and enters it here. */
    Grant grant(PortRequest request, Region region, Opening opening) {
        RingOffsets rings = opening.rings();
        long offset = region.allocateInterface(rings.tableEntries());
        long netmapIf = region.address() + offset;
        NetmapIf.name(netmapIf, request.name());
        NetmapIf.flags(netmapIf, region.memId() == GLOBAL ? 0 : NetmapIf.NI_PRIV_MEM);
        rings.write(region, offset);
        int extra = region.allocateExtraBuffers(offset, request.extraBufs());
        PortReply reply = opening.shape().opened(offset, region, extra);
        Grant grant = new Grant(
                region,
                offset,
                new Registration(reply, opening.kind(), opening.lanes()),
                opening.held(),
                opening.eventfd(),
                opening.peerEventfd(),
                opening.owner());
        open.get(region).add(grant);
        return grant;
    }

    /** Walks a region and accounts for every buffer. Exact while its ports are quiet. */
    BufferAudit audit(int memId) {
        Region region = get("region " + memId, memId);
        return new BufferKeeper(region, open.get(region), List.of()).audit();
    }

    /** Retires all memory here. */
    void close() {
        regions.values().forEach(Region::close);
    }
}
