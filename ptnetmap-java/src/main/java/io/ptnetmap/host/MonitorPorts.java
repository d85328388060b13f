// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Opening of monitors (ABI §11): finds the open port that one is to look at, and the rings of it. Guarded by the host's lock, see
 * {@link Ports}.
 */
final class MonitorPorts {
    private final Regions regions;
    private final Monitors monitors;
    private final PrivatePorts privatePorts;
    private final Pipes pipes;
    private final ValeSwitches switches;
    private final ValePorts valePorts;

    MonitorPorts(
            Regions regions,
            Monitors monitors,
            PrivatePorts privatePorts,
            Pipes pipes,
            ValeSwitches switches,
            ValePorts valePorts) {
        this.regions = regions;
        this.monitors = monitors;
        this.privatePorts = privatePorts;
        this.pipes = pipes;
        this.switches = switches;
        this.valePorts = valePorts;
    }

    /** Opens a monitor of a port that is open, in the port's region: who runs the port's rings fills it. */
    Grant open(PortRequest request, Predicate<Region> mayShare) {
        Watched watched = watched(request);
        Region region = watched.region();
        regions.requireTrust(request, region, mayShare);
        if (request.memId() != 0 && request.memId() != region.memId()) {
            throw Wishes.refuse(
                    request,
                    Errno.EINVAL,
                    "a monitor lies in the region of what it watches, which is " + region.memId());
        }
        List<Monitors.Tap> taps = taps(request, watched);
        PortShape shape = watched.shape();
        int slots = Wishes.count(
                Math.max(request.txSlots(), request.rxSlots()),
                Math.max(shape.txSlots(), shape.rxSlots()),
                Wishes.MAX_SLOTS);
        Pipe lanes = Pipe.forMonitor(region, request.name(), taps.size(), slots);
        try {
            Grant grant = pipes.openEnd(
                    Wishes.allRings(request),
                    lanes,
                    Pipe.SLAVE,
                    Registration.Kind.MONITOR,
                    region.view().bell().eventfd(),
                    Opening.NONE);
            monitors.add(grant, taps);
            return grant;
        } catch (RuntimeException failure) {
            BufferKeeper.free(region, lanes);
            lanes.destroy();
            throw failure;
        }
    }

    private Watched watched(PortRequest request) {
        boolean software = request.mode() == NmreqRegister.NR_REG_SW || request.mode() == NmreqRegister.NR_REG_ONE_SW;
        if (!software
                && request.mode() != NmreqRegister.NR_REG_ALL_NIC
                && request.mode() != NmreqRegister.NR_REG_ONE_NIC) {
            throw Wishes.refuse(
                    request,
                    Errno.EINVAL,
                    "a monitor looks at a port's rings or at an interface's host rings, " + request.name()
                            + "^, not at both");
        }
        String name = request.name() + (software ? "^" : "");
        return privatePorts
                .watched(name)
                .or(() -> watchedSwitchPort(name))
                .or(() -> watchedPipe(request, name))
                .orElseThrow(() -> Wishes.refuse(
                        request,
                        Errno.EINVAL,
                        "nobody has " + name + " open: a monitor looks at open ports; open it first"));
    }

    private Optional<Watched> watchedSwitchPort(String name) {
        if (!switches.names(name)) {
            return Optional.empty();
        }
        return switches.find(name)
                .flatMap(port -> port.kind() == ValePort.Kind.INTERFACE
                        ? privatePorts.watched(port.name())
                        : valePorts.watched(port));
    }

    private Optional<Watched> watchedPipe(PortRequest request, String name) {
        return InterfaceLink.isMeant(name) || ValeName.isMeant(name) || name.indexOf(':') >= 0
                ? Optional.empty()
                : pipes.watched(PipeName.of(request));
    }

    /** The rings that a monitor looks at, those of the port's transmit rings first: one receive ring of its own for each. */
    private List<Monitors.Tap> taps(PortRequest request, Watched watched) {
        boolean zeroCopy = (request.flags() & NmreqRegister.NR_ZCOPY_MON) != 0;
        boolean sent = zeroCopy || (request.flags() & NmreqRegister.NR_MONITOR_TX) != 0;
        boolean received = zeroCopy || (request.flags() & NmreqRegister.NR_MONITOR_RX) != 0;
        PortRequest selecting = request.mode() == NmreqRegister.NR_REG_ONE_NIC
                ? new PortRequest(request.name(), request.mode(), request.ringId(), 0, 0, 0, 0, 0, 0, 0, 0, 0)
                : Wishes.allRings(request);
        PortShape shape = watched.shape();
        List<Monitors.Tap> taps = new ArrayList<>();
        for (Grant.HeldRing ring : Wishes.rings(selecting, shape, watched.end())) {
            boolean wanted = ring.transmit() ? sent : received;
            if (wanted && ring.ring() < (ring.transmit() ? shape.txRings() : shape.rxRings())) {
                taps.add(new Monitors.Tap(watched.owner(), ring, zeroCopy));
            }
        }
        if (taps.isEmpty()) {
            throw Wishes.refuse(request, Errno.EINVAL, "the port has no such rings to look at");
        }
        if (zeroCopy && taps.stream().anyMatch(monitors::passesOn)) {
            throw Wishes.refuse(
                    request,
                    Errno.EBUSY,
                    "a monitor without copying looks at the port already, and takes its buffers: use /t, /r or /rt");
        }
        return taps;
    }
}
