// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.telemetry;

import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Link;
import java.util.Map;

/**
 * Makes the account of a function or a port, each figure under its name: most of them are packets and bytes, which would change
 * places unnoticed. What is not given is nothing. For one thread.
 */
public final class HopBuilder {
    private static final Link NO_LINK = new Link("-", 0, 0);

    private final String name;
    private final String type;
    private String process = "-";
    private int worker;
    private long received;
    private long receivedBytes;
    private long created;
    private long sent;
    private long sentBytes;
    private long consumed;
    private Map<String, Long> drops = Map.of();
    private long held;
    private Link link = NO_LINK;
    private long receivedBackward;
    private long receivedBackwardBytes;

    /**
     * Of one that has done nothing yet, in a place that is not told, with no link before it.
     *
     * @param name of the instance
     * @param type of the function, or the port's specification
     */
    public HopBuilder(String name, String type) {
        this.name = name;
        this.type = type;
    }

    /** Of one like another, until told otherwise. */
    HopBuilder(Hop other) {
        this(other.name(), other.type());
        at(other.process(), other.worker())
                .received(other.received(), other.receivedBytes())
                .receivedBackward(other.receivedBackward(), other.receivedBackwardBytes())
                .created(other.created())
                .sent(other.sent(), other.sentBytes())
                .consumed(other.consumed())
                .drops(other.drops())
                .held(other.held())
                .behind(other.link());
    }

    /** Where it runs: the process, as in {@link Hop#process}, and the thread within it. */
    public HopBuilder at(String where, int thread) {
        process = where;
        worker = thread;
        return this;
    }

    /** What was taken in, at either side. */
    public HopBuilder received(long packets, long bytes) {
        received = packets;
        receivedBytes = bytes;
        return this;
    }

    /** Of what was taken in, that which came in at the side of the chain's end. */
    public HopBuilder receivedBackward(long packets, long bytes) {
        receivedBackward = packets;
        receivedBackwardBytes = bytes;
        return this;
    }

    /** What it made itself. */
    public HopBuilder created(long packets) {
        created = packets;
        return this;
    }

    /** What was passed on, at either side. */
    public HopBuilder sent(long packets, long bytes) {
        sent = packets;
        sentBytes = bytes;
        return this;
    }

    /** What ended here as intended. */
    public HopBuilder consumed(long packets) {
        consumed = packets;
        return this;
    }

    /** Packets dropped, by cause. */
    public HopBuilder drops(Map<String, Long> byCause) {
        drops = byCause;
        return this;
    }

    /** What was taken in and has no verdict yet. */
    public HopBuilder held(long packets) {
        held = packets;
        return this;
    }

    /** The link towards the chain's beginning. */
    public HopBuilder behind(Link before) {
        link = before;
        return this;
    }

    /** The account, as it is now. */
    public Hop build() {
        return new Hop(
                name,
                type,
                process,
                worker,
                received,
                receivedBytes,
                created,
                sent,
                sentBytes,
                consumed,
                drops,
                held,
                link,
                receivedBackward,
                receivedBackwardBytes);
    }
}
