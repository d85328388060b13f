// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.DropCause;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The account of one function or port: what came in and what became of it. Written by the worker that runs it, read by
 * anyone.
 */
final class Account {
    /** Packets that came in from outside the chain; ports only. */
    final Counter entered = new Counter("entered", "Packets received from outside the chain");
    /** Packets that went out of the chain; ports only. */
    final Counter left = new Counter("left", "Packets sent out of the chain");

    final Counter received = new Counter("received", "Packets received");
    final Counter receivedBytes = new Counter("received-bytes", "Bytes received");
    /** Of these, what came in at the side of the chain's end. */
    final Counter receivedBackward = new Counter("received-backward", "Packets received from the chain's end");

    final Counter receivedBackwardBytes = new Counter("received-backward-bytes", "Bytes received from the chain's end");
    final Counter created = new Counter("created", "Packets created");
    final Counter sent = new Counter("sent", "Packets sent on");
    final Counter sentBytes = new Counter("sent-bytes", "Bytes sent on");
    final Counter consumed = new Counter("consumed", "Packets consumed");

    /** Calls with packets; only where a {@link TimeMeter} counts them. */
    final Counter batches = new Counter("batches", "Batches processed");
    /** Time of these calls. */
    final Counter nanos = new Counter("nanos", "Nanoseconds spent in the function");

    /** How long sampled packets took. */
    final Latencies latencies = new Latencies();

    private final Map<String, DropCause> causes = new ConcurrentHashMap<>();
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    /** The far side of a link had no room, and the link's policy is to drop. */
    final DropCause linkFull = cause("link-full");

    /** There is no link in the packet's direction. */
    final DropCause noLink = cause("no-link");

    /** A source is not there to receive. */
    final DropCause returnedToSource = cause("returned-to-source");

    /** A packet that does not fit the far side: too long for the port's buffers or slots. */
    final DropCause tooLong = cause("too-long");

    /** Packets sent back and forth between functions without end. */
    final DropCause reflectedTooOften = cause("reflected-too-often");

    /** Packets of a batch over which their function threw. */
    final DropCause exception = cause("exception");

    /** Packets of a function that has failed too often and is called no more. */
    final DropCause quarantined = cause("quarantined");

    DropCause cause(String name) {
        return causes.computeIfAbsent(name, DropCause::new);
    }

    /** Books a packet as dropped that has been booked as sent, but did not get away. */
    void unsend(DropCause cause, int length) {
        cause.packets().add(1);
        sent.add(-1);
        sentBytes.add(-length);
    }

    /** Books the packets of a batch from {@code first} on as dropped instead of sent. */
    void unsend(DropCause cause, Batch batch, int first) {
        for (int i = first; i < batch.count(); i++) {
            unsend(cause, batch.length(i));
            batch.vacate(i);
        }
    }

    Counter counter(String name, String description) {
        return counters.computeIfAbsent(name, key -> new Counter(key, description));
    }

    Collection<Counter> counters() {
        return counters.values();
    }

    /** Drops so far, by cause, in the order of their names; only causes that have occurred. */
    Map<String, Long> drops() {
        Map<String, Long> drops = new TreeMap<>();
        for (DropCause cause : causes.values()) {
            long packets = cause.packets().value();
            if (packets != 0) {
                drops.put(cause.name(), packets);
            }
        }
        return drops;
    }

    long dropped() {
        long sum = 0;
        for (DropCause cause : causes.values()) {
            sum += cause.packets().value();
        }
        return sum;
    }
}
