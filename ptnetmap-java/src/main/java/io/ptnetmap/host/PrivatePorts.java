// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Ports whose rings one process has to itself ({@link PrivateRings}): null ports, and network interfaces. Guarded by the host's
 * lock, see {@link Ports}.
 */
final class PrivatePorts {
    private final Regions regions;

    PrivatePorts(Regions regions) {
        this.regions = regions;
    }

    /** Rings that never move (ABI §14). */
    Grant openNull(PortRequest request) {
        if (request.memId() == 0) {
            throw Wishes.refuse(request, Errno.EINVAL, "a null port must name its region: add @1");
        }
        Region region = regions.get(request, request.memId());
        PortShape shape = Wishes.shape(request, 0);
        List<Integer> tx = Wishes.numbers(shape.txRings());
        List<Integer> rx = Wishes.numbers(shape.rxRings());
        PrivateRings rings = rings(request, region, shape, tx, rx);
        return finish(request, region, shape, Registration.Kind.LANES, List.of(), rings, tx, rx);
    }

    /**
     * Rings for an interface. Whether there is one of that name, the process that opens the port finds out: it may live in
     * another network namespace.
     */
    Grant openInterface(PortRequest request) {
        if ((request.flags() & NmreqRegister.NR_EXCLUSIVE) != 0) {
            throw Wishes.refuse(
                    request,
                    Errno.EOPNOTSUPP,
                    "leave out /x: an XDP socket has the interface to itself anyway, a packet socket never has");
        }
        Region region = regions.getOrGlobal(request, request.memId());
        PortShape shape = Wishes.shape(request, 1);
        return finishInterface(request, region, shape, Wishes.txRings(request, shape), Wishes.rxRings(request, shape));
    }

    /**
     * Rings for an interface that is attached to a switch, one for each direction.
     *
     * @param request that to attach it: by the region that it names, or in one of their own
     * @param interfaceName the interface
     */
    Grant openAttached(PortRequest request, String interfaceName, PortShape wishes) {
        boolean own = request.memId() == 0;
        RegionConfig global = regions.global();
        Region region = own
                ? regions.createOwned(
                        ValeSwitches.regionConfig(wishes, 0, global.bufSize()).withHeadroom(global.headroom()))
                : regions.get(request, request.memId());
        try {
            return finishInterface(
                    PortRequest.of(interfaceName, NmreqRegister.NR_REG_ALL_NIC),
                    region,
                    new PortShape(1, wishes.txSlots(), 1, wishes.rxSlots()),
                    List.of(0),
                    List.of(0));
        } catch (RuntimeException failure) {
            if (own) {
                regions.discard(region);
            }
            throw failure;
        }
    }

    private static PrivateRings rings(
            PortRequest request, Region region, PortShape shape, List<Integer> tx, List<Integer> rx) {
        return new PrivateRings(region, request.name(), tx, shape.txSlots(), rx, shape.rxSlots());
    }

    /** Rings of these numbers, and the reserves that the kernel receives into. */
    private Grant finishInterface(
            PortRequest request, Region region, PortShape shape, List<Integer> tx, List<Integer> rx) {
        PrivateRings rings = rings(request, region, shape, tx, rx);
        int reserved = rings.addReserves();
        List<LaneEnd> reserves = new ArrayList<>();
        for (int i = 0; i < rings.reserves().size(); i++) {
            reserves.add(LaneEnd.reserve(
                    rx.get(i),
                    reserved,
                    rings.reserves().get(i),
                    rings.rxRings().get(i)));
        }
        return finish(request, region, shape, Registration.Kind.INTERFACE, reserves, rings, tx, rx);
    }

    private Grant finish(
            PortRequest request,
            Region region,
            PortShape shape,
            Registration.Kind kind,
            List<LaneEnd> lanes,
            PrivateRings rings,
            List<Integer> tx,
            List<Integer> rx) {
        RingOffsets offsets = new RingOffsets(shape);
        offsets.put(true, tx, rings.txRings());
        offsets.put(false, rx, rings.rxRings());
        try {
            return regions.grant(
                    request,
                    region,
                    new Opening(kind, shape, offsets, lanes, List.of(), Opening.NONE, Opening.NONE, rings));
        } catch (RuntimeException failure) {
            BufferKeeper.free(region, rings);
            rings.destroy();
            throw failure;
        }
    }

    /** The answer to PORT_INFO_GET about an interface, whether it exists or not: that is for the asking process to know. */
    PortReply describeInterface(PortRequest request, int memId) {
        return PortShape.DEFAULT.described(regions.getOrGlobal(request, memId));
    }

    /**
     * What a monitor of this name looks at: the rings of an interface, or of a device of some process's own; where several are
     * open, those of the first.
     */
    Optional<Watched> watched(String name) {
        for (Set<Grant> open : regions.open()) {
            for (Grant grant : open) {
                if (grant.owner() instanceof PrivateRings rings && rings.name().equals(name)) {
                    return Optional.of(new Watched(grant.region(), rings, 0));
                }
            }
        }
        return Optional.empty();
    }
}
