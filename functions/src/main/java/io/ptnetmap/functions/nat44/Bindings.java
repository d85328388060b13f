// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowTable;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import java.time.Duration;
import java.util.List;

/**
 * The mappings of RFC 4787: which external endpoint stands for an inside endpoint, of one protocol, whoever it talks to
 * (endpoint-independent mapping). A binding is a number from 0 on. Single-threaded.
 */
final class Bindings {
    /** Returned where there is no such binding. */
    static final int NONE = -1;

    /** The table's timeouts are not used: bindings end with their last session. */
    private static final List<Duration> UNUSED = List.of(Duration.ofDays(1));

    private final ExternalAddresses externals;
    private final FlowTable table;
    private final FlowKey key = new FlowKey();
    private final short[] externalIndexes;
    private final char[] externalPorts;
    private final long[] insideMacs;
    private final int[] sessions;

    Bindings(int maxBindings, ExternalAddresses externals) {
        this.externals = externals;
        table = new FlowTable(maxBindings, UNUSED);
        externalIndexes = new short[maxBindings];
        externalPorts = new char[maxBindings];
        insideMacs = new long[maxBindings];
        sessions = new int[maxBindings];
    }

    /** Number of bindings. */
    int size() {
        return table.size();
    }

    /** The binding of an inside endpoint, or {@link #NONE}. */
    int ofInside(int protocol, int address, int port) {
        return table.lookup(key.ipv4(protocol, address, port, 0, 0));
    }

    /** What is known of an external endpoint: see {@link PortPool#word}. */
    long ofExternal(int protocol, int externalIndex, int port) {
        return externals.ports(externalIndex, protocol).word(port);
    }

    /** Whether there is no room for another binding. */
    boolean isFull() {
        return table.size() == table.capacity();
    }

    /** Makes a binding, without sessions, for an inside endpoint that has none; {@link #NONE} if no port is free. */
    int create(int protocol, int address, int port, long nowNanos) {
        int binding = table.insert(key.ipv4(protocol, address, port, 0, 0), nowNanos, 0);
        int index = externals.indexFor(address);
        int externalPort = externals.ports(index, protocol).take(port, binding);
        if (externalPort == PortPool.NONE) {
            table.remove(binding);
            return NONE;
        }
        note(binding, index, externalPort);
        return binding;
    }

    /**
     * Makes a binding, without sessions, for an inside endpoint that has none, to a certain external endpoint.
     *
     * @return the binding, or {@link #NONE} where the port is not free, or not one of those to use
     */
    int restore(int protocol, int address, int port, int externalIndex, int externalPort, long nowNanos) {
        int binding = table.insert(key.ipv4(protocol, address, port, 0, 0), nowNanos, 0);
        if (!externals.ports(externalIndex, protocol).takeExactly(externalPort, binding)) {
            table.remove(binding);
            return NONE;
        }
        note(binding, externalIndex, externalPort);
        return binding;
    }

    private void note(int binding, int externalIndex, int externalPort) {
        externalIndexes[binding] = (short) externalIndex;
        externalPorts[binding] = (char) externalPort;
        sessions[binding] = 0;
    }

    /** Counts a session in, which came from a MAC address. */
    void addSession(int binding, int session, long insideMac) {
        sessions[binding]++;
        insideMacs[binding] = insideMac;
        noteSession(binding, session);
    }

    /** Notes the session that is the likeliest one of the next packet from outside. */
    void noteSession(int binding, int session) {
        ports(binding).session(externalPorts[binding], session);
    }

    /** Counts a session out; the last one ends the binding. */
    void removeSession(int binding, int session) {
        PortPool ports = ports(binding);
        int port = externalPorts[binding];
        if (--sessions[binding] == 0) {
            ports.release(port);
            table.remove(binding);
        } else if (PortPool.session(ports.word(port)) == session) {
            ports.session(port, PortPool.NONE);
        }
    }

    private PortPool ports(int binding) {
        table.key(binding, key);
        return externals.ports(externalIndexes[binding], key.protocol());
    }

    /** Whether a binding is to a certain external endpoint. */
    boolean isTo(int binding, int externalIndex, int externalPort) {
        return externalIndexes[binding] == externalIndex && externalPorts[binding] == externalPort;
    }

    /** Place of the external address. */
    int externalIndex(int binding) {
        return externalIndexes[binding];
    }

    int externalAddress(int binding) {
        return externals.address(externalIndexes[binding]);
    }

    int externalPort(int binding) {
        return externalPorts[binding];
    }

    /** Fills in the key of what the inside endpoint would send to an outside endpoint. */
    void outgoing(int binding, int outsideAddress, int outsidePort, FlowKey into) {
        table.key(binding, into);
        int port = into.protocol() == IpProtocol.ICMP ? into.sourcePort() : outsidePort;
        into.ipv4(into.protocol(), into.sourceIpv4(), into.sourcePort(), outsideAddress, port);
    }

    /** The MAC address where the inside endpoint's newest session came from: its own, or its router's. */
    long insideMac(int binding) {
        return insideMacs[binding];
    }
}
