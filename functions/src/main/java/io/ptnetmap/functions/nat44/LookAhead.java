// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.packet.Headers;
import java.util.stream.Stream;

/**
 * Finds the sessions of some packets before any of them is decided on: with many sessions nearly every one is far away in
 * memory, and looked up together they arrive together. A session that is found here stays until the last of these packets has been
 * decided on; one that is not may have been begun by then, and must be looked up again. Single-threaded.
 */
final class LookAhead {
    /** Packets at a time: more than the processor can fetch at once, few enough for its nearest cache. */
    private static final int WINDOW = 32;

    private static final int NOWHERE = -1;

    private final ExternalAddresses externals;
    private final Bindings bindings;
    private final Sessions sessions;
    private final Headers[] headers =
            Stream.generate(Headers::new).limit(WINDOW).toArray(Headers[]::new);
    private final FlowKey[] keys = Stream.generate(FlowKey::new).limit(WINDOW).toArray(FlowKey[]::new);
    /** Of each packet, its place among the keys, or {@link Sessions#NONE}. */
    private final int[] keyOf = new int[WINDOW];

    /** Of each packet from outside, where to find what is known of the port that it goes to; else {@link #NOWHERE}. */
    private final int[] places = new int[WINDOW];
    /** What is known of these ports; else 0. */
    private final long[] ports = new long[WINDOW];
    /** Of each packet from outside, the session that was found at that port last. */
    private final int[] likely = new int[WINDOW];

    private final int[] found = new int[WINDOW];

    LookAhead(ExternalAddresses externals, Bindings bindings, Sessions sessions) {
        this.externals = externals;
        this.bindings = bindings;
        this.sessions = sessions;
    }

    /** Parses packets of a batch, from {@code first} on, and looks their sessions up. Returns how many. */
    int look(PacketBatch batch, int first) {
        int count = Math.min(WINDOW, batch.size() - first);
        for (int i = 0; i < count; i++) {
            headers[i].parse(batch.packet(first + i));
        }
        for (int i = 0; i < count; i++) {
            places[i] = place(headers[i]);
        }
        // Loops that do nothing else: so the processor is ahead of many accesses at a time.
        for (int i = 0; i < count; i++) {
            ports[i] = places[i] == NOWHERE ? 0 : externals.word(places[i]);
        }
        for (int i = 0; i < count; i++) {
            likely[i] = PortPool.session(ports[i]);
        }
        sessions.fetch(likely, count);
        int known = 0;
        for (int i = 0; i < count; i++) {
            keyOf[i] = Sessions.NONE;
            if (likely[i] != Sessions.NONE && !sessions.isFrom(likely[i], headers[i])) {
                likely[i] = Sessions.NONE;
            }
            if (likely[i] == Sessions.NONE && fill(keys[known], i)) {
                keyOf[i] = known++;
            }
        }
        sessions.findAll(keys, known, found);
        return count;
    }

    private int place(Headers packet) {
        int external = packet.isIpv4() ? externals.indexOf(packet.destinationIpv4()) : ExternalAddresses.NONE;
        return external == ExternalAddresses.NONE || !Translator.isSupported(packet)
                ? NOWHERE
                : externals.place(external, packet.protocol(), packet.destinationPort());
    }

    private boolean fill(FlowKey key, int place) {
        Headers packet = headers[place];
        int receiver = PortPool.binding(ports[place]);
        if (receiver == Bindings.NONE) {
            return packet.isIpv4() && key.fill(packet);
        }
        bindings.outgoing(receiver, packet.sourceIpv4(), packet.sourcePort(), key);
        return true;
    }

    /** The parsed headers of a packet, counted from the first that was looked at. */
    Headers headers(int place) {
        return headers[place];
    }

    /** The session of a packet that is not from inside to an external address; {@link Sessions#NONE} if it was not found. */
    int session(int place) {
        return keyOf[place] == Sessions.NONE ? likely[place] : found[keyOf[place]];
    }
}
