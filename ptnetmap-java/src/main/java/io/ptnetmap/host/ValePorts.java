// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import java.util.List;
import java.util.Optional;

/**
 * Opening of the ports of switches, in regions of their own or such as are asked for, and what is done to switches by name (ABI
 * §10). Guarded by the host's lock, see {@link Ports}.
 */
final class ValePorts {
    /** With the byte that ends it. */
    static final int MAX_DEVICE_NAME = 16;

    private final Regions regions;
    private final ValeSwitches switches;

    ValePorts(Regions regions, ValeSwitches switches) {
        this.regions = regions;
        this.switches = switches;
    }

    /** Opens rings of a port, and makes it, and its region, where they are not there yet. */
    Grant open(PortRequest request) {
        Optional<ValePort> existing = switches.find(request.name());
        if (existing.isEmpty()
                && NetworkInterfaces.index(
                                ValeName.of("REGISTER", request.name()).port())
                        != 0) {
            throw Wishes.refuse(
                    request,
                    Errno.EINVAL,
                    "that is the name of a network interface, which is not attached: attach it (nfv vale attach "
                            + request.name() + "), or choose another name");
        }
        ValePort port = existing.orElseGet(() -> switches.create(request, ValePort.Kind.EPHEMERAL));
        if (port.kind() == ValePort.Kind.INTERFACE) {
            throw Wishes.refuse(request, Errno.EBUSY, "the switch has the interface: open another port of the switch");
        }
        boolean opening = switches.rings(port).isEmpty();
        ValeRings rings = null;
        try {
            rings = opening ? createRings(request, port) : switches.rings(port).get();
            Grant grant = openRings(request, rings);
            if (opening) {
                switches.opened(rings);
            }
            return grant;
        } catch (RuntimeException failure) {
            if (opening && rings != null) {
                discard(rings);
            }
            if (existing.isEmpty()) {
                switches.leave(port);
            }
            throw failure;
        }
    }

    private ValeRings createRings(PortRequest request, ValePort port) {
        int memId = request.memId() == 0 ? port.memId() : request.memId();
        Region region = memId != 0
                ? regions.get(request, memId)
                : regions.createOwned(ValeSwitches.regionConfig(
                        port.shape(), request.extraBufs(), regions.global().bufSize()));
        return new ValeRings(region, port);
    }

    private void discard(ValeRings rings) {
        if (regions.isOwned(rings.region())) {
            regions.discard(rings.region());
        } else {
            BufferKeeper.free(rings.region(), rings);
            rings.destroy();
        }
    }

    private Grant openRings(PortRequest request, ValeRings rings) {
        PortShape shape = rings.port().shape();
        List<Grant.HeldRing> held = Wishes.rings(request, shape, 0);
        held.stream().filter(rings::isBound).findFirst().ifPresent(ring -> {
            throw Wishes.refuse(request, ring, "another port of the switch");
        });
        rings.open(held);
        RingOffsets offsets = new RingOffsets(shape);
        held.forEach(ring -> offsets.put(ring.transmit(), ring.ring(), rings.offset(ring)));
        try {
            return regions.grant(
                    request,
                    rings.region(),
                    new Opening(
                            Registration.Kind.SWITCH,
                            shape,
                            offsets,
                            List.of(),
                            held,
                            Opening.NONE,
                            Opening.NONE,
                            rings));
        } catch (RuntimeException failure) {
            rings.close(held);
            throw failure;
        }
    }

    /** The answer to PORT_INFO_GET. Of a port that is not open the region is not there yet: its id is 0. */
    PortReply describe(PortRequest request, int memId) {
        Optional<ValePort> port = switches.find(request.name());
        PortShape shape = port.map(ValePort::shape).orElseGet(() -> ValeSwitches.shape(request));
        return port.flatMap(switches::rings)
                .map(ValeRings::region)
                .or(() -> memId == 0 ? Optional.empty() : Optional.of(regions.get(request, memId)))
                .map(shape::described)
                .orElseGet(shape::described);
    }

    /** What a monitor looks at that is to look at this port, unless that is an interface. */
    Optional<Watched> watched(ValePort port) {
        return switches.rings(port).map(rings -> new Watched(rings.region(), rings, 0));
    }

    /**
     * Attaches a persistent port.
     *
     * @return its number at the switch; none where there is no persistent port of the name
     */
    Optional<Integer> attachPersistent(PortRequest request, ValeName name, boolean withStack) {
        switches.find(request.name()).ifPresent(attached -> {
            throw refuseAttach(request, Errno.EBUSY, "the switch has a port of that name");
        });
        if (!switches.isPersistent(name.port())) {
            return Optional.empty();
        }
        if (withStack) {
            throw refuseAttach(request, Errno.EINVAL, "a persistent port has no host stack");
        }
        return Optional.of(switches.attach(name));
    }

    /** Why a port is not attached. */
    static LinuxException refuseAttach(PortRequest request, Errno errno, String detail) {
        return new LinuxException("VALE_ATTACH " + request.name(), errno, detail);
    }

    /** Takes a port that is no interface from its switch. Returns the number that it had. */
    int detach(String name) {
        ValePort port = switches.find(name)
                .orElseThrow(() -> new LinuxException(
                        "VALE_DETACH " + name, Errno.ENXIO, "the switch has no such port; see nfv vale list"));
        // An ephemeral port belongs to who has it open: nothing is to be done, as in netmap.
        return port.kind() == ValePort.Kind.PERSISTENT ? switches.leave(port) : port.number();
    }

    /** Makes a persistent port. Returns its region, 0 = one of its own when it is opened. */
    int createPersistent(PortRequest request) {
        String name = request.name();
        String wrong = name.isEmpty() || name.length() >= MAX_DEVICE_NAME || name.startsWith("vale")
                ? "a persistent port's name has 1 to " + (MAX_DEVICE_NAME - 1)
                        + " characters and does not begin with vale"
                : name.chars().anyMatch(c -> "{}:/ ".indexOf(c) >= 0)
                        ? "a persistent port's name has none of {}:/"
                        : "";
        if (!wrong.isEmpty()) {
            throw new LinuxException("VALE_NEWIF " + name, Errno.EINVAL, wrong);
        }
        if (NetworkInterfaces.index(name) != 0) {
            throw new LinuxException("VALE_NEWIF " + name, Errno.EEXIST, "there is a network interface of that name");
        }
        if (request.memId() != 0) {
            regions.get(request, request.memId());
        }
        switches.create(
                name, new ValePort(name, ValePort.Kind.PERSISTENT, ValeSwitches.shape(request), request.memId()));
        return request.memId();
    }
}
