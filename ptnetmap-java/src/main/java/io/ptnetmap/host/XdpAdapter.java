// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.InterfacePath;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.RingTable;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import io.ptnetmap.linux.Setting;
import io.ptnetmap.linux.XdpSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * XDP sockets between an interface and a port's rings: frames are received into the region's buffers and sent from them, without
 * a system call per frame. As in netmap, what the port receives does not reach the kernel's stack.
 *
 * <p>Receive ring r of R gets the frames of the hardware's queues r, r + R, ...; transmit ring t sends by queue t.
 *
 * <p>Sleeping is on an epoll instance, which knows of frames, of what happens to the interface, and of a timer: no socket tells
 * when a frame has been sent, so whoever has some in flight looks again after a while.
 */
final class XdpAdapter implements InterfaceAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(XdpAdapter.class);
    private static final long FIRST_LOOK = 50_000;
    private static final long LONGEST_WAIT = 10_000_000;
    /** Entries that a ring to send by has at least. */
    private static final int LEAST_RING = 64;
    /** Most frames of one look at a driver that is polled. */
    private static final int POLL_BUDGET = 64;

    /** Property and variable: microseconds to poll the driver for at each sync that finds nothing; unset = interrupts. */
    static final String BUSY_POLL = "PTNETMAP_NIC_BUSY_POLL";

    private final InterfaceLink link;
    private final InterfaceMode mode;
    private final XdpMemory memory;
    private final XdpSocket.Sizes sizes;
    private final List<Optional<XdpTx>> tx = new ArrayList<>();
    private final List<Optional<XdpRx>> rx = new ArrayList<>();
    private final int epoll;
    private final int timer;
    private final int busyPoll;

    private volatile XdpAttachment attachment;
    private volatile int mtu;
    private volatile long earlierDrops;
    private long wait = FIRST_LOOK;
    private boolean timerSet;
    private volatile boolean attached;
    /** Whether frames end a sleep. */
    private boolean watched;

    /**
     * Joins rings to an interface.
     *
     * @throws LinuxException where that is not possible by an XDP socket of this mode
     */
    XdpAdapter(String name, Registration port, RegionView region, RingTable table, InterfaceMode mode) {
        PortReply reply = port.reply();
        this.mode = mode;
        this.memory = XdpMemory.of(region);
        this.busyPoll = busyPollMicros();
        for (int i = 0; i < reply.txRings(); i++) {
            long ring = PacketAdapter.requireSlots(region.memory(), reply, table.txRing(i), reply.txSlots());
            tx.add(ring == 0 ? Optional.empty() : Optional.of(new XdpTx(region, memory, ring, reply.txSlots(), this)));
        }
        for (int i = 0; i < reply.rxRings(); i++) {
            long ring = PacketAdapter.requireSlots(region.memory(), reply, table.rxRing(i), reply.rxSlots());
            rx.add(ring == 0 ? Optional.empty() : Optional.of(receiver(name, port, region, ring, i)));
        }
        int reserved = port.lanes().stream().mapToInt(XdpAdapter::slots).max().orElse(0);
        // A fragment that is longer than what the kernel takes at once is sent in pieces.
        this.sizes = new XdpSocket.Sizes(powerOfTwo(reserved), powerOfTwo(Math.max(2 * reply.txSlots(), LEAST_RING)));
        this.link = new InterfaceLink(name);
        this.epoll = Linux.epoll();
        this.timer = Linux.timer();
        try {
            this.attachment = attach(name);
        } catch (RuntimeException refused) {
            closeOwn();
            throw refused;
        }
        Linux.epollAddLevel(epoll, link.descriptor(), Linux.POLLIN);
        Linux.epollAddLevel(epoll, timer, Linux.POLLIN);
        begin();
        warnOfTags(name);
    }

    private XdpRx receiver(String name, Registration port, RegionView region, long ring, int number) {
        LaneEnd reserve = port.lanes().stream()
                .filter(lane -> lane.ring() == number)
                .findFirst()
                .orElseThrow(() -> new LinuxException(
                        "REGISTER " + name,
                        Errno.ENOMEM,
                        "the region has too few buffers left for the kernel to receive into"));
        PortReply reply = port.reply();
        long at = PacketAdapter.requireSlots(
                region.memory(), reply, region.memory().address() + reserve.txRing(), slots(reserve));
        return new XdpRx(region, memory, ring, reply.rxSlots(), at, slots(reserve));
    }

    /** Slots of a reserve. */
    private static int slots(LaneEnd reserve) {
        return (int) reserve.lane();
    }

    private static int powerOfTwo(int atLeast) {
        return Integer.highestOneBit(Math.max(2, atLeast) - 1) << 1;
    }

    private static int busyPollMicros() {
        String said = Setting.of(BUSY_POLL).orElse("0");
        try {
            return Integer.parseUnsignedInt(said);
        } catch (NumberFormatException nonsense) {
            throw new LinuxException(BUSY_POLL + "=" + said, Errno.EINVAL, "a number of microseconds is expected");
        }
    }

    private XdpAttachment attach(String name) {
        return new XdpAttachment(name, memory, sizes, bound(rx), bound(tx), mode);
    }

    /** Which rings are bound. */
    private static List<Boolean> bound(List<? extends Optional<?>> rings) {
        return rings.stream().map(Optional::isPresent).toList();
    }

    private void begin() {
        attached = true;
        XdpAttachment now = attachment;
        mtu = NetworkInterfaces.mtu(link.currentName());
        for (int i = 0; i < tx.size(); i++) {
            int queue = i;
            tx.get(i).ifPresent(end -> end.begin(now.socket(queue), now.inPieces()));
        }
        for (int i = 0; i < rx.size(); i++) {
            List<XdpSocket> own = now.socketsOf(i, rx.size());
            rx.get(i).ifPresent(end -> end.begin(own, busyPoll > 0, now.leavesChecksums()));
        }
        for (XdpSocket socket : now.sockets()) {
            if (busyPoll > 0) {
                socket.busyPoll(busyPoll, POLL_BUDGET);
            }
            Linux.epollAddLevel(epoll, socket.descriptor(), 0);
        }
        watched = false;
        now.direct();
    }

    private static void warnOfTags(String name) {
        if (!NetworkInterfaces.driver(name).equals("veth") && NetworkInterfaces.stripsVlanTags(name)) {
            LOG.warn("{} takes VLAN tags out of received frames; to have them: ethtool -K {} rxvlan off", name, name);
        }
    }

    @Override
    public Optional<XdpTx> tx(int ring) {
        return tx.get(ring);
    }

    @Override
    public Optional<XdpRx> rx(int ring) {
        return rx.get(ring);
    }

    boolean isUp() {
        return link.isUp();
    }

    boolean isGone() {
        return link.isGone();
    }

    /** Longest payload of a frame to send. */
    int mtu() {
        return mtu;
    }

    /** A send has failed in a way that may mean that the interface is down or removed. */
    void failed() {
        link.failed();
    }

    @Override
    public int descriptor() {
        return epoll;
    }

    @Override
    public int descriptorEvents(int events) {
        watchSockets(events);
        boolean inFlight = false;
        for (Optional<XdpTx> end : tx) {
            inFlight |= end.isPresent()
                    && (end.get().hasBacklog()
                            || (events & Linux.POLLOUT) != 0 && end.get().inFlight());
        }
        if (inFlight) {
            Linux.timerSet(timer, wait);
            wait = Math.min(2 * wait, LONGEST_WAIT);
            timerSet = true;
        } else {
            wait = FIRST_LOOK;
        }
        return Linux.POLLIN;
    }

    /** A full receive ring has no use for more packets. */
    private void watchSockets(int events) {
        boolean wanted = false;
        for (Optional<XdpRx> end : rx) {
            wanted |=
                    (events & Linux.POLLIN) != 0 && end.isPresent() && end.get().hasRoom();
        }
        if (wanted != watched && attached) {
            watched = wanted;
            for (XdpSocket socket : attachment.sockets()) {
                Linux.epollModifyLevel(epoll, socket.descriptor(), wanted ? Linux.POLLIN : 0);
            }
        }
    }

    @Override
    public void refresh() {
        if (!link.isUp()) {
            look();
        }
    }

    @Override
    public void woken(int revents) {
        if (timerSet) {
            Linux.timerSet(timer, 0);
            timerSet = false;
        }
        if (revents != 0) {
            look();
        }
    }

    private void look() {
        boolean news = link.look();
        if (link.isGone()) {
            detach();
            if (news && link.hasReturned()) {
                attachAgain(link.name());
            }
        } else if (!news) {
            return;
        } else if (link.isUp()) {
            int now = NetworkInterfaces.mtu(link.currentName());
            boolean other = now != mtu;
            mtu = now;
            if (other && !attachment.inPieces()) {
                // It may take other sockets for frames that long.
                attachAgain(link.currentName());
            }
        }
    }

    /** Replaces the sockets by such of the interface that has this name now. */
    private void attachAgain(String name) {
        detach();
        try {
            attachment = attach(name);
        } catch (LinuxException refused) {
            LOG.warn("{} cannot be used again: {}", name, refused.getMessage());
            return;
        }
        if (link.isGone()) {
            link.take();
        }
        begin();
    }

    private void detach() {
        if (!attached) {
            return;
        }
        attached = false;
        tx.forEach(end -> end.ifPresent(XdpTx::end));
        rx.forEach(end -> end.ifPresent(XdpRx::end));
        earlierDrops += attachment.drops();
        attachment.close();
    }

    @Override
    public InterfaceLink link() {
        return link;
    }

    @Override
    public PortCounters counters() {
        long received = 0;
        long lost = earlierDrops + (attached ? attachment.drops() : 0);
        long sent = 0;
        long unsent = 0;
        for (Optional<XdpRx> end : rx) {
            received += end.map(XdpRx::received).orElse(0L);
            lost += end.map(XdpRx::dropped).orElse(0L);
        }
        for (Optional<XdpTx> end : tx) {
            sent += end.map(XdpTx::sent).orElse(0L);
            unsent += end.map(XdpTx::dropped).orElse(0L);
        }
        return new PortCounters(received, lost, sent, unsent);
    }

    @Override
    public InterfacePath path() {
        return attachment.path();
    }

    @Override
    public void close() {
        tx.forEach(end -> end.ifPresent(XdpTx::flush));
        detach();
        closeOwn();
    }

    private void closeOwn() {
        link.close();
        Linux.close(epoll);
        Linux.close(timer);
    }
}
