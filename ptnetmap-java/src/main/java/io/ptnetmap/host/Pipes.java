// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The pipes of a host by their names (ABI §9), and the opening of their ends. Guarded by the host's lock, see {@link Ports}. */
final class Pipes {
    /** Most pipes of one parent (ABI §9). */
    private static final int MOST = 64;

    private final Regions regions;
    private final Map<String, Parent> parents = new HashMap<>();

    /** The pipes of one name, and the region that they share. */
    private record Parent(Region region, Map<String, Pipe> pipes) {}

    Pipes(Regions regions) {
        this.regions = regions;
    }

    /** Opens an end of a pipe, and makes the pipe where it is not there yet. */
    Grant open(PortRequest request, Predicate<Region> mayShare) {
        PipeName name = PipeName.of(request);
        Parent parent = parents.get(name.parent());
        if (parent != null) {
            regions.requireTrust(request, parent.region(), mayShare);
        } else {
            parent = new Parent(regions.getOrGlobal(request, request.memId()), new HashMap<>());
        }
        boolean fresh = !parent.pipes().containsKey(name.id());
        Pipe pipe = fresh ? create(request, parent, name) : parent.pipes().get(name.id());
        try {
            return openEnd(
                    request,
                    pipe,
                    name.end(),
                    Registration.Kind.LANES,
                    pipe.eventfd(name.end()),
                    pipe.eventfd(1 - name.end()));
        } catch (RuntimeException failure) {
            if (fresh) {
                BufferKeeper.free(parent.region(), pipe);
                pipe.destroy();
            }
            throw failure;
        } finally {
            if (fresh && pipe.isOpen()) {
                parents.put(name.parent(), parent);
                parent.pipes().put(name.id(), pipe);
            }
        }
    }

    private static Pipe create(PortRequest request, Parent parent, PipeName name) {
        if (parent.pipes().size() >= MOST) {
            throw Wishes.refuse(
                    request,
                    Errno.EINVAL,
                    name.parent() + " has " + MOST + " pipes, which is the most: use another parent name");
        }
        // netmap takes the wishes as the master's, whichever end comes first.
        PortShape master = Wishes.shape(request, 1);
        return new Pipe(
                parent.region(),
                name.parent() + "{" + name.id(),
                name.end(),
                new int[] {master.txRings(), master.rxRings()},
                new int[] {master.txSlots(), master.rxSlots()});
    }

    /**
     * Opens rings of an end.
     *
     * @param pipe may be one that is not among these, but a monitor's
     * @param eventfd as in {@link Grant}
     */
    Grant openEnd(PortRequest request, Pipe pipe, int end, Registration.Kind kind, int eventfd, int peerEventfd) {
        PortShape shape = pipe.shape(end);
        List<Grant.HeldRing> rings = Wishes.rings(request, shape, end);
        rings.stream()
                .filter(ring -> pipe.isBound(end, ring.ring(), ring.transmit()))
                .findFirst()
                .ifPresent(ring -> {
                    throw Wishes.refuse(request, ring, "the other end");
                });
        List<LaneEnd> lanes = rings.stream()
                .map(ring -> pipe.bind(end, ring.ring(), ring.transmit()))
                .toList();
        pipe.open();
        RingOffsets offsets = new RingOffsets(shape);
        lanes.forEach(
                lane -> offsets.put(lane.transmit(), lane.ring(), lane.transmit() ? lane.txRing() : lane.rxRing()));
        try {
            return regions.grant(
                    request,
                    pipe.region(),
                    new Opening(kind, shape, offsets, lanes, rings, eventfd, peerEventfd, pipe));
        } catch (RuntimeException failure) {
            pipe.close(rings);
            throw failure;
        }
    }

    private Optional<Pipe> find(PipeName name) {
        return Optional.ofNullable(parents.get(name.parent()))
                .map(parent -> parent.pipes().get(name.id()));
    }

    /** The answer to PORT_INFO_GET. netmap creates a pipe that is not there, asks it and destroys it: the answer is the same. */
    PortReply describe(PortRequest request, int memId) {
        PipeName name = PipeName.of(request);
        return find(name)
                .map(pipe -> pipe.shape(name.end()).described(pipe.region()))
                .orElseGet(() -> PortShape.DEFAULT.described(Optional.ofNullable(parents.get(name.parent()))
                        .map(Parent::region)
                        .orElseGet(() -> regions.getOrGlobal(request, memId))));
    }

    /** What a monitor looks at that is to look at this end. */
    Optional<Watched> watched(PipeName name) {
        return find(name)
                .filter(pipe -> pipe.isOpen(name.end()))
                .map(pipe -> new Watched(pipe.region(), pipe, name.end()));
    }

    /** Has names lead no more to a pipe that is not open any more, if it is one. */
    void forget(SlotOwner pipe) {
        parents.values().forEach(parent -> parent.pipes().values().remove(pipe));
        parents.values().removeIf(parent -> parent.pipes().isEmpty());
    }

    /** Gives back what the pipes have of the system. */
    void close() {
        parents.values().forEach(parent -> parent.pipes().values().forEach(Pipe::destroy));
    }
}
