// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.flow.FlowScan;
import io.ptnetmap.nfv.api.flow.FlowTable;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Tcp;
import java.time.Duration;
import java.util.List;

/**
 * The sessions of the bindings: an inside endpoint with an outside endpoint it has sent to. They keep their bindings alive,
 * decide who may send to these, and follow TCP connections for their timeouts (RFC 5382 §5). Only packets from inside begin
 * sessions; those of both directions keep them. Single-threaded.
 */
final class Sessions {
    /** Returned where there is no such session. */
    static final int NONE = -1;

    // Timeout classes.
    private static final int UDP = 0;
    private static final int TCP_ESTABLISHED = 1;
    private static final int TCP_TRANSITORY = 2;
    private static final int ICMP = 3;

    // What is known of a TCP connection, as bits.
    private static final int ANSWERED = 1;
    private static final int OPEN = 1 << 1;
    private static final int INSIDE_FIN = 1 << 2;
    private static final int OUTSIDE_FIN = 1 << 3;
    private static final int RESET = 1 << 4;
    private static final int BOTH_FINS = INSIDE_FIN | OUTSIDE_FIN;

    /** Most entries to look at in one {@link #expire}, well below a millisecond's work. */
    private static final int EXPIRE_LIMIT = 8192;

    private final Bindings bindings;
    private final Filtering filtering;
    private final ExternalAddresses externals;
    /** Tagged with place of external address, and external port, of the session's binding: what each packet needs. */
    private final FlowTable table;

    private final int[] bindingOf;
    private final byte[] tcp;
    /** Inside endpoints with outside addresses, for {@link Filtering#ADDRESS_DEPENDENT} only. */
    private final FlowTable peers;

    private final int[] peerSessions;
    private final FlowKey key = new FlowKey();
    private final FlowTable.ExpiryListener onExpiry = this::release;

    Sessions(
            int maxSessions,
            Filtering filtering,
            Nat44Timeouts timeouts,
            Bindings bindings,
            ExternalAddresses externals) {
        this.bindings = bindings;
        this.externals = externals;
        this.filtering = filtering;
        table = new FlowTable(
                maxSessions,
                List.of(timeouts.udp(), timeouts.tcpEstablished(), timeouts.tcpTransitory(), timeouts.icmp()));
        bindingOf = new int[maxSessions];
        tcp = new byte[maxSessions];
        int maxPeers = filtering == Filtering.ADDRESS_DEPENDENT ? maxSessions : 1;
        peers = new FlowTable(maxPeers, List.of(Duration.ofDays(1)));
        peerSessions = new int[maxPeers];
    }

    /** Number of sessions. */
    int size() {
        return table.size();
    }

    /** Whether there is no room for another session. */
    boolean isFull() {
        return table.size() == table.capacity();
    }

    /** The session of a packet from inside, or {@link #NONE}. */
    int find(FlowKey insideToOutside) {
        return table.lookup(insideToOutside);
    }

    /**
     * The sessions of several packets, each or {@link #NONE}. What memory holds of them is near afterwards.
     *
     * @param insideToOutside at least {@code count}
     * @param found receives them
     */
    void findAll(FlowKey[] insideToOutside, int count, int[] found) {
        table.lookupAll(insideToOutside, count, found);
    }

    /** Brings the endpoints of several sessions near at once; {@link #NONE} among them is passed over. */
    void fetch(int[] several, int count) {
        table.fetch(several, count);
    }

    /** Fills in the endpoints of a session, as in a packet that goes out. */
    void endpoints(int session, FlowKey insideToOutside) {
        table.key(session, insideToOutside);
    }

    /** Whether the outside endpoint of a session is where a packet comes from. */
    boolean isFrom(int session, Headers packet) {
        table.key(session, key);
        return key.destinationIpv4() == packet.sourceIpv4()
                && (key.protocol() == IpProtocol.ICMP || key.destinationPort() == packet.sourcePort());
    }

    /** The sessions, each with what {@link Nat44State} says. */
    FlowRows rows() {
        return FlowRows.of(table, Nat44State.SESSION_WORDS, this::fill);
    }

    /** Takes down the sessions, each with what {@link Nat44State} says. */
    FlowScan scan(long nowNanos) {
        return new FlowScan(table, Nat44State.SESSION_WORDS, this::fill, nowNanos);
    }

    private void fill(FlowRows rows, int row, int session) {
        rows.word(row, Nat44State.EXTERNAL_ADDRESS, externalAddress(session));
        rows.word(row, Nat44State.EXTERNAL_PORT, externalPort(session));
        rows.word(row, Nat44State.INSIDE_MAC, bindings.insideMac(bindingOf[session]));
        rows.word(row, Nat44State.TCP, tcp[session]);
    }

    /** Whether a session that others have begun is not over, and none that is here already. */
    boolean isCurrent(FlowRows rows, int row, long nowNanos) {
        return rows.isCurrent(table, row, nowNanos);
    }

    /** Goes on with a session of a binding that others have begun. There must be room. */
    void restore(FlowRows rows, int row, int binding) {
        int session = create(
                rows.key(row, key),
                binding,
                rows.word(row, Nat44State.INSIDE_MAC),
                rows.lastSeen(row),
                rows.timeoutClass(row));
        tcp[session] = (byte) rows.word(row, Nat44State.TCP);
    }

    /** Begins a session of a binding. There must be room. */
    int create(FlowKey insideToOutside, int binding, long insideMac, long nowNanos) {
        return create(insideToOutside, binding, insideMac, nowNanos, firstClass(insideToOutside.protocol()));
    }

    private int create(FlowKey insideToOutside, int binding, long insideMac, long nowNanos, int timeoutClass) {
        int session = table.insert(insideToOutside, nowNanos, timeoutClass);
        bindingOf[session] = binding;
        table.tag(session, bindings.externalIndex(binding) << Character.SIZE | bindings.externalPort(binding));
        tcp[session] = 0;
        bindings.addSession(binding, session, insideMac);
        if (filtering == Filtering.ADDRESS_DEPENDENT) {
            int peer = peers.insert(peer(insideToOutside), nowNanos, 0);
            peerSessions[peer]++;
        }
        return session;
    }

    /** The address that stands for a session's inside endpoint. */
    int externalAddress(int session) {
        return externals.address(table.tag(session) >>> Character.SIZE);
    }

    /** The port that stands for a session's inside endpoint. */
    int externalPort(int session) {
        return (char) table.tag(session);
    }

    /**
     * Whether an outside endpoint may send to an inside one, where they have no session.
     *
     * @param insideToOutside the two, as in a packet that goes out
     */
    boolean admits(FlowKey insideToOutside) {
        return switch (filtering) {
            case ENDPOINT_INDEPENDENT -> true;
            case ADDRESS_DEPENDENT -> peers.lookup(peer(insideToOutside)) != NONE;
            case ADDRESS_AND_PORT_DEPENDENT -> false;
        };
    }

    /** Notes a packet from inside. */
    void sent(int session, int protocol, int tcpFlags, long nowNanos) {
        table.touch(session, nowNanos);
        if (protocol != IpProtocol.TCP) {
            return;
        }
        int state = tcp[session];
        if ((tcpFlags & Tcp.SYN) != 0) {
            state = isClosing(state) ? 0 : state;
        } else if ((tcpFlags & Tcp.RST) == 0 && (state & ANSWERED) != 0) {
            state |= OPEN;
        }
        tcpState(session, state | endings(tcpFlags, INSIDE_FIN));
    }

    /** Notes a packet from outside. */
    void received(int session, int protocol, int tcpFlags, long nowNanos) {
        table.touch(session, nowNanos);
        if (protocol == IpProtocol.TCP) {
            tcpState(session, tcp[session] | ANSWERED | endings(tcpFlags, OUTSIDE_FIN));
        }
    }

    private static int endings(int tcpFlags, int fin) {
        return ((tcpFlags & Tcp.FIN) != 0 ? fin : 0) | ((tcpFlags & Tcp.RST) != 0 ? RESET : 0);
    }

    private static boolean isClosing(int state) {
        return (state & RESET) != 0 || (state & BOTH_FINS) == BOTH_FINS;
    }

    private void tcpState(int session, int state) {
        tcp[session] = (byte) state;
        boolean established = (state & OPEN) != 0 && !isClosing(state);
        table.timeoutClass(session, established ? TCP_ESTABLISHED : TCP_TRANSITORY);
    }

    /** Ends sessions that have been silent for too long, and bindings with their last session. */
    void expire(long nowNanos) {
        table.expire(nowNanos, EXPIRE_LIMIT, onExpiry);
    }

    /** Gives back what a session holds. */
    private void release(int session) {
        bindings.removeSession(bindingOf[session], session);
        if (filtering == Filtering.ADDRESS_DEPENDENT) {
            table.key(session, key);
            int peer = peers.lookup(peer(key));
            if (--peerSessions[peer] == 0) {
                peers.remove(peer);
            }
        }
    }

    private FlowKey peer(FlowKey session) {
        return key.ipv4(session.protocol(), session.sourceIpv4(), session.sourcePort(), session.destinationIpv4(), 0);
    }

    private static int firstClass(int protocol) {
        return switch (protocol) {
            case IpProtocol.UDP -> UDP;
            case IpProtocol.TCP -> TCP_TRANSITORY;
            default -> ICMP;
        };
    }
}
