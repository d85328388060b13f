// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Icmpv4;
import io.ptnetmap.nfv.api.packet.Rewrite;
import io.ptnetmap.nfv.api.packet.Tcp;

/**
 * Translates single IPv4 packets, other than later fragments, in one direction: the packet, and in an ICMP error what it
 * quotes. Single-threaded.
 */
final class Translator {
    /** Bytes of a quoted transport header that translation may change: all up to the end of TCP's checksum. */
    private static final int QUOTED_TRANSPORT = Tcp.CHECKSUM_OFFSET + Short.BYTES;

    private final Bindings bindings;
    private final Sessions sessions;
    private final FlowKey key = new FlowKey();
    private final Headers quoted = new Headers();
    private final Icmpv4 icmp = new Icmpv4();
    private int sender = Bindings.NONE;
    private int receiver = Bindings.NONE;

    Translator(Bindings bindings, Sessions sessions) {
        this.bindings = bindings;
        this.sessions = sessions;
    }

    /** The binding of the inside endpoint that the last {@link #inbound} packet goes to. */
    int receiver() {
        return receiver;
    }

    /** Changes addresses only. */
    void addresses(Headers headers, int source, int destination) {
        Rewrite.source(headers, source, headers.sourcePort());
        Rewrite.destination(headers, destination, headers.destinationPort());
    }

    /**
     * Translates a packet that leaves an inside host.
     *
     * @param known its session, or {@link Sessions#NONE} if that is not known yet
     * @param insideMac where its frame comes from
     */
    Outcome outbound(Packet packet, Headers headers, int known, long insideMac, long nowNanos) {
        if (headers.isIcmpError()) {
            return outboundError(packet, headers);
        }
        if (!isSupported(headers)) {
            return Outcome.UNSUPPORTED_PROTOCOL;
        }
        if (headers.isIcmpQuery() && !Icmpv4.isRequest(headers.icmpType())) {
            return Outcome.NO_MAPPING; // an answer to nothing: requests do not get in
        }
        int session = known;
        if (session == Sessions.NONE) {
            key.fill(headers);
            session = sessions.find(key);
        }
        if (session == Sessions.NONE) {
            Outcome refusal = makeRoom(nowNanos);
            if (refusal != Outcome.PASS) {
                return refusal;
            }
            session = sessions.create(key, sender, insideMac, nowNanos);
        }
        sessions.sent(session, headers.protocol(), headers.tcpFlags(), nowNanos);
        Rewrite.source(headers, sessions.externalAddress(session), sessions.externalPort(session));
        return Outcome.PASS;
    }

    /** Finds or makes the binding of the inside endpoint of {@link #key}, if there is room for a session. */
    private Outcome makeRoom(long nowNanos) {
        if (sessions.isFull()) {
            return Outcome.TABLE_FULL;
        }
        sender = bindings.ofInside(key.protocol(), key.sourceIpv4(), key.sourcePort());
        if (sender != Bindings.NONE) {
            return Outcome.PASS;
        }
        if (bindings.isFull()) {
            return Outcome.TABLE_FULL;
        }
        sender = bindings.create(key.protocol(), key.sourceIpv4(), key.sourcePort(), nowNanos);
        return sender == Bindings.NONE ? Outcome.PORTS_EXHAUSTED : Outcome.PASS;
    }

    /**
     * Translates a packet that comes to an external address.
     *
     * @param known its session, or {@link Sessions#NONE} if that is not known yet
     * @param external place of that address
     */
    Outcome inbound(Packet packet, Headers headers, int known, int external, long nowNanos) {
        if (headers.isIcmpError()) {
            return inboundError(packet, headers, external);
        }
        if (!isSupported(headers)) {
            return Outcome.UNSUPPORTED_PROTOCOL;
        }
        long port = bindings.ofExternal(headers.protocol(), external, headers.destinationPort());
        receiver = PortPool.binding(port);
        if (receiver == Bindings.NONE || headers.isIcmpQuery() && Icmpv4.isRequest(headers.icmpType())) {
            return Outcome.NO_MAPPING;
        }
        int session = known;
        if (known == Sessions.NONE) {
            bindings.outgoing(receiver, headers.sourceIpv4(), headers.sourcePort(), key);
            session = sessions.find(key);
        } else {
            sessions.endpoints(known, key);
        }
        if (session != Sessions.NONE) {
            sessions.received(session, headers.protocol(), headers.tcpFlags(), nowNanos);
            if (PortPool.session(port) != session) {
                bindings.noteSession(receiver, session);
            }
        } else if (!sessions.admits(key)) {
            return Outcome.FILTERED;
        }
        Rewrite.destination(headers, key.sourceIpv4(), key.sourcePort());
        return Outcome.PASS;
    }

    /** An inside host, or a router before it, complains about a packet that an inside endpoint was sent. */
    private Outcome outboundError(Packet packet, Headers error) {
        if (!quoted.parseQuoted(packet, error)) {
            return Outcome.MALFORMED;
        }
        if (!isSupported(quoted) || quoted.sourceIpv4() != error.destinationIpv4()) {
            return Outcome.NO_MAPPING;
        }
        int binding = bindings.ofInside(quoted.protocol(), quoted.destinationIpv4(), quoted.destinationPort());
        if (binding == Bindings.NONE) {
            return Outcome.NO_MAPPING;
        }
        int address = bindings.externalAddress(binding);
        int before = quotedSum(packet);
        Rewrite.destination(quoted, address, bindings.externalPort(binding));
        updateChecksum(packet, error, before);
        Rewrite.source(error, address, 0); // also a router's own address is nobody's outside (RFC 5508 §4.2)
        return Outcome.PASS;
    }

    /** Somebody outside complains about a packet that an inside endpoint sent. */
    private Outcome inboundError(Packet packet, Headers error, int external) {
        if (!quoted.parseQuoted(packet, error)) {
            return Outcome.MALFORMED;
        }
        if (!isSupported(quoted) || quoted.sourceIpv4() != error.destinationIpv4()) {
            return Outcome.NO_MAPPING;
        }
        receiver = PortPool.binding(bindings.ofExternal(quoted.protocol(), external, quoted.sourcePort()));
        if (receiver == Bindings.NONE) {
            return Outcome.NO_MAPPING;
        }
        bindings.outgoing(receiver, quoted.destinationIpv4(), quoted.destinationPort(), key);
        if (sessions.find(key) == Sessions.NONE && !sessions.admits(key)) {
            return Outcome.FILTERED;
        }
        int before = quotedSum(packet);
        Rewrite.source(quoted, key.sourceIpv4(), key.sourcePort());
        updateChecksum(packet, error, before);
        Rewrite.destination(error, key.sourceIpv4(), 0);
        return Outcome.PASS;
    }

    /** Whether packets of this protocol have endpoints to translate. */
    static boolean isSupported(Headers headers) {
        return headers.hasPorts() || headers.isIcmpQuery();
    }

    /** The sum of what translation may change in the quoted packet. */
    private int quotedSum(Packet packet) {
        int end = Math.min(quoted.l4Offset() + QUOTED_TRANSPORT, packet.length());
        return ~Checksum.of(packet, quoted.l3Offset(), end - quoted.l3Offset()) & 0xffff;
    }

    /** Brings an error's checksum up to date with what it quotes. */
    private void updateChecksum(Packet packet, Headers error, int sumBefore) {
        icmp.wrap(packet, error.l4Offset());
        icmp.checksum(Checksum.update16(icmp.checksum(), sumBefore, quotedSum(packet)));
    }
}
