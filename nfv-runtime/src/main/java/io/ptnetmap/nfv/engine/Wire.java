// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPort;
import java.util.List;
import java.util.Optional;

/**
 * A link that is no plain call, as far as it is in this process, or a port at an end of the chain. Segments come and go at its
 * ends, it stays.
 */
final class Wire {
    /** The end towards the chain's beginning, if that is here. */
    final Optional<LinkEnd> left;
    /** The end towards the chain's end, if that is here. */
    final Optional<LinkEnd> right;

    private final Optional<ThreadLink> thread;
    private final List<NetmapPort> ports;
    private final boolean viaSwitch;

    private Wire(
            Optional<LinkEnd> left,
            Optional<LinkEnd> right,
            Optional<ThreadLink> thread,
            List<NetmapPort> ports,
            boolean viaSwitch) {
        this.left = left;
        this.right = right;
        this.thread = thread;
        this.ports = ports;
        this.viaSwitch = viaSwitch;
    }

    /**
     * The ends of a pipe that are here.
     *
     * @param stamps as the left end sees them, where the pipe is timed
     */
    static Wire pipe(Optional<NetmapPort> left, Optional<NetmapPort> right, Optional<Stamps> stamps) {
        List<NetmapPort> ports =
                List.of(left, right).stream().flatMap(Optional::stream).toList();
        return new Wire(
                left.map(port -> PortEnd.ofPipe(port, stamps)),
                right.map(port -> PortEnd.ofPipe(port, stamps.map(Stamps::opposite))),
                Optional.empty(),
                ports,
                false);
    }

    /** The ports of a switch between two regions that are here. */
    static Wire viaSwitch(Optional<NetmapPort> left, Optional<NetmapPort> right) {
        List<NetmapPort> ports =
                List.of(left, right).stream().flatMap(Optional::stream).toList();
        return new Wire(left.map(PortEnd::ofSwitch), right.map(PortEnd::ofSwitch), Optional.empty(), ports, true);
    }

    /** A queue between two threads. */
    static Wire thread(ThreadLink link, List<NetmapPort> scratch) {
        return new Wire(Optional.of(link.left()), Optional.of(link.right()), Optional.of(link), scratch, false);
    }

    /** A port at the chain's beginning, of which the chain is to the right, or at its end. */
    static Wire outside(NetmapPort port, boolean beginning) {
        Optional<LinkEnd> end = Optional.of(PortEnd.outside(port));
        Optional<LinkEnd> none = Optional.empty();
        return beginning
                ? new Wire(none, end, Optional.empty(), List.of(port), false)
                : new Wire(end, none, Optional.empty(), List.of(port), false);
    }

    boolean isOutside() {
        return left.or(() -> right).map(LinkEnd::isOutside).orElse(false);
    }

    /** Whether a switch carries the packets, and drops what whoever receives has no room for. */
    boolean isViaSwitch() {
        return viaSwitch;
    }

    /** A read-only function's view of the packets that pass. */
    ThreadLink.Observer observer(int index, boolean reverse) {
        return thread.orElseThrow().observer(index, reverse);
    }

    /** Packets that wait here and have not been read, in both directions. By whoever has the ends. */
    int unread() {
        return left.map(LinkEnd::unread).orElse(0) + right.map(LinkEnd::unread).orElse(0);
    }

    void closePorts() {
        ports.forEach(NetmapPort::close);
    }

    void closeQueues() {
        thread.ifPresent(ThreadLink::close);
    }
}
