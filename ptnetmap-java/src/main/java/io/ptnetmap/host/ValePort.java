// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.DropCause;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A port of a switch, or a persistent one that is not attached to any: where senders find its queues, and its counters.
 *
 * <p>Guarded by the host's lock (see {@link Ports}), but for what senders use.
 */
final class ValePort {
    /** Numbers that the ports of one switch are told apart by, as in the attach protocol. */
    enum Kind {
        /** Made when it was opened, gone when nobody has it open. */
        EPHEMERAL,
        /** Made by NEWIF, there until DELIF. */
        PERSISTENT,
        /** A network interface that the host has attached. */
        INTERFACE
    }

    private final String name;
    private final Kind kind;
    private final PortShape shape;
    private final int memId;
    private final AtomicReferenceArray<ValeQueue> queues;
    private final List<Forwarder> forwarders = new ArrayList<>();
    /** Of what is not open any more, and of packets that found nothing open. Guarded by itself. */
    private final ValeCounters past = new ValeCounters();

    /** Null where there is none. */
    private volatile Attachment attachment;

    /**
     * Where a port belongs.
     *
     * @param number among the switch's ports
     */
    record Attachment(ValeSwitch vale, int number) {}

    ValePort(String name, Kind kind, PortShape shape) {
        this(name, kind, shape, 0);
    }

    /**
     * @param name without the switch's
     * @param memId the region that it lies in where who opens it does not choose one; 0 = one of its own
     */
    ValePort(String name, Kind kind, PortShape shape, int memId) {
        this.memId = memId;
        this.name = name;
        this.kind = kind;
        this.shape = shape;
        this.queues = new AtomicReferenceArray<>(shape.rxRings());
    }

    String name() {
        return name;
    }

    Kind kind() {
        return kind;
    }

    PortShape shape() {
        return shape;
    }

    int memId() {
        return memId;
    }

    /** The switch that it is a port of, and its number there; null where it is not attached. */
    Attachment attachment() {
        return attachment;
    }

    /** The number at the switch; {@link ForwardingTable#UNKNOWN} where it is not attached. */
    int number() {
        Attachment now = attachment;
        return now == null ? ForwardingTable.UNKNOWN : now.number();
    }

    void attach(ValeSwitch vale, int number) {
        attachment = new Attachment(vale, number);
    }

    void detach() {
        attachment = null;
    }

    /** Receive rings, of which each may or may not be open. */
    int queueCount() {
        return queues.length();
    }

    /** What senders fill, or null where nobody has the ring open. */
    ValeQueue queue(int ring) {
        return queues.getAcquire(ring);
    }

    synchronized void plug(int ring, ValeQueue queue) {
        queues.setRelease(ring, queue);
    }

    /** Takes a queue away. When this returns, no sender is at it. */
    synchronized void unplug(int ring) {
        ValeQueue queue = queues.getAndSet(ring, null);
        queue.close();
        synchronized (past) {
            past.add(queue.counters);
        }
    }

    synchronized void plug(Forwarder forwarder) {
        forwarders.add(forwarder);
    }

    /** Takes a forwarder away. When this returns, it forwards no more. */
    synchronized void unplug(Forwarder forwarder) {
        forwarder.close();
        forwarders.remove(forwarder);
        synchronized (past) {
            past.add(forwarder.counters());
        }
    }

    /** Has senders let go of what they forward just now: when this returns, none of this port's is at work. */
    synchronized void quiesce() {
        forwarders.forEach(Forwarder::quiesce);
    }

    /** Counts packets for which nobody has the ring open. From any thread. */
    void dropUnopened(long packets) {
        synchronized (past) {
            past.drop(DropCause.NOT_OPEN, packets);
        }
    }

    /** A sum as of now, of counters that may go on counting meanwhile. */
    synchronized ValeCounters counters() {
        ValeCounters sum = new ValeCounters();
        synchronized (past) {
            sum.add(past);
        }
        for (Forwarder forwarder : forwarders) {
            synchronized (forwarder) {
                sum.add(forwarder.counters());
            }
        }
        for (int ring = 0; ring < queues.length(); ring++) {
            ValeQueue queue = queues.get(ring);
            if (queue != null) {
                synchronized (queue) {
                    sum.add(queue.counters);
                }
            }
        }
        return sum;
    }
}
