// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.flow.FlowData;
import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowRows;
import io.ptnetmap.nfv.api.flow.FlowScan;
import io.ptnetmap.nfv.api.flow.FlowTable;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Icmpv4;
import io.ptnetmap.nfv.api.packet.Icmpv6;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Connection tracking: which flows have been accepted, and how a packet relates to them.
 *
 * <p>Both directions of a flow share one entry. Queries of ICMP are keyed from the one who asks, so that two hosts that ping
 * each other with the same identifier have two flows. Single-threaded.
 */
final class Connections {
    /** In rows, of a flow: the rule that accepted it, and what is known of it. */
    static final int WORDS = 2;

    private static final int NO_ENTRY = -1;

    /** Timeout classes: first the {@link TcpState}s by ordinal, then these. */
    private static final int UDP = TcpState.INVALID.ordinal();

    private static final int UDP_REPLIED = UDP + 1;
    private static final int ICMP = UDP + 2;
    private static final int OTHER = UDP + 3;

    /**
     * Packets looked up at a time: more than the processor can fetch at once, few enough for its nearest cache.
     */
    static final int WINDOW = 32;

    /** Most entries to look at in one {@link #expire}, well below a millisecond's work. */
    private static final int EXPIRE_LIMIT = 8192;

    private static final int FIRST_MULTICAST_LISTENER_TYPE = 130;
    private static final int MULTICAST_LISTENER_REPORT_V2 = 143;
    private static final int REDIRECT_TYPE = 137;

    // What is known about a flow besides its key, in one int: the TCP state's ordinal or the ICMP query's type, and
    // flags.
    private static final int DETAIL_MASK = 0xff;
    /** The key had to be reversed for the originator's packets. */
    private static final int REVERSED = 1 << 8;

    private static final int REPLIED = 1 << 9;

    private final FlowTable flows;
    /** Of each flow the rule that accepted it, and below it what is known of it, see above. */
    private final FlowData known;

    private final boolean tcpPickup;
    private final FlowKey key = new FlowKey();
    private final FlowKey[] keysAhead =
            Stream.generate(FlowKey::new).limit(WINDOW).toArray(FlowKey[]::new);
    private final int[] foundAhead = new int[WINDOW];
    /** Of each packet that was looked up ahead, its place among the keys, or {@link #NO_ENTRY}. */
    private final int[] placesAhead = new int[WINDOW];

    private final boolean[] reversedAhead = new boolean[WINDOW];
    /** Whether a flow has been removed since, so that its entry may be another's. */
    private boolean outdated;

    private final Headers quoted = new Headers();
    /** The flow of the last packet, if there is one. */
    private int entry = NO_ENTRY;
    /** Whether {@link #key} was reversed for the last packet. */
    private boolean reversed;

    Connections(int maxFlows, boolean tcpPickup, FirewallTimeouts timeouts) {
        this.flows = new FlowTable(maxFlows, classes(timeouts));
        this.known = new FlowData(maxFlows);
        this.tcpPickup = tcpPickup;
    }

    private static List<Duration> classes(FirewallTimeouts timeouts) {
        return List.of(
                timeouts.tcpSynSent(), // no entry is in state NONE
                timeouts.tcpSynSent(),
                timeouts.tcpSynSent(), // SIMULTANEOUS_OPEN
                timeouts.tcpSynReceived(),
                timeouts.tcpEstablished(),
                timeouts.tcpFinWait(),
                timeouts.tcpCloseWait(),
                timeouts.tcpLastAck(),
                timeouts.tcpTimeWait(),
                timeouts.tcpClosed(),
                timeouts.udp(),
                timeouts.udpReplied(),
                timeouts.icmp(),
                timeouts.other());
    }

    /** Number of flows. */
    int size() {
        return flows.size();
    }

    /** Whether others follow as many flows, as long. */
    boolean isLike(Connections other) {
        return flows.isLike(other.flows) && tcpPickup == other.tcpPickup;
    }

    /** The flows, each with the rule that accepted it and with what is known of it. */
    FlowRows rows() {
        return FlowRows.of(flows, WORDS, this::fill);
    }

    /** Takes down the same. */
    FlowScan scan(long nowNanos) {
        return new FlowScan(flows, WORDS, this::fill, nowNanos);
    }

    private void fill(FlowRows rows, int row, int flow) {
        rows.word(row, 0, known.get(flow) >> 32);
        rows.word(row, 1, (int) known.get(flow));
    }

    /** Whether a flow that others have followed is not over, and none that is followed here already. */
    boolean isCurrent(FlowRows rows, int row, long nowNanos) {
        return rows.isCurrent(flows, row, nowNanos);
    }

    /**
     * Follows a flow that others have followed.
     *
     * @param rule that stands for the one that accepted it
     * @return false where there is no room
     */
    boolean restore(FlowRows rows, int row, int rule) {
        int flow = rows.insertInto(flows, row);
        if (flow != NO_ENTRY) {
            known.set(flow, (long) rule << 32 | rows.word(row, 1) & 0xffff_ffffL);
        }
        return flow != NO_ENTRY;
    }

    /** Forgets flows that have been silent for too long. */
    void expire(long nowNanos) {
        flows.expire(nowNanos, EXPIRE_LIMIT, expired -> {});
    }

    /**
     * Looks up the flows of packets that are going to be tracked: with many flows nearly every one is far away in memory, and
     * looked up together they arrive together.
     *
     * @param packets at most {@link #WINDOW}
     */
    void lookAhead(Headers[] packets, int count) {
        int keys = 0;
        for (int i = 0; i < count; i++) {
            Headers packet = packets[i];
            boolean tracked = packet.l4Offset() >= 0 && (packet.icmpType() < 0 || packet.isIcmpQuery());
            placesAhead[i] = tracked ? keys : NO_ENTRY;
            if (tracked) {
                reversedAhead[i] = fillKey(keysAhead[keys++], packet);
            }
        }
        flows.lookupAll(keysAhead, keys, foundAhead);
        known.fetch(foundAhead, keys);
        outdated = false;
    }

    /**
     * How a packet relates to the flows, which it may move on: its own flow's state and time are updated.
     *
     * @param place where it was among the packets of the last {@link #lookAhead}
     * @param headers of the packet: well-formed IP, no later fragment
     */
    ConnectionState track(Packet packet, int place, Headers headers, long nowNanos) {
        entry = NO_ENTRY;
        if (headers.isIcmpError()) {
            return trackError(packet, headers);
        }
        if (headers.icmpType() >= 0 && !headers.isIcmpQuery()) {
            return isIpv6Housekeeping(headers) ? ConnectionState.UNTRACKED : ConnectionState.INVALID;
        }
        if (headers.protocol() == IpProtocol.TCP && !TcpState.flagsValid(headers.tcpFlags())) {
            return ConnectionState.INVALID;
        }
        find(place, headers);
        if (entry != NO_ENTRY && endsAndBeginsAnew(headers)) {
            remove();
            reversed = fillKey(key, headers);
        }
        if (entry == NO_ENTRY) {
            return mayBegin(headers) ? ConnectionState.NEW : ConnectionState.INVALID;
        }
        return follow(headers, nowNanos);
    }

    /** Sets {@link #entry}, {@link #reversed} and, where there is no entry, {@link #key}. */
    private void find(int place, Headers headers) {
        boolean ahead = !outdated && placesAhead[place] != NO_ENTRY && foundAhead[placesAhead[place]] != NO_ENTRY;
        if (ahead) {
            entry = foundAhead[placesAhead[place]];
            reversed = reversedAhead[place];
        } else {
            reversed = fillKey(key, headers);
            entry = flows.lookup(key);
        }
    }

    private void remove() {
        flows.remove(entry);
        entry = NO_ENTRY;
        outdated = true;
    }

    /** Whether the last packet belongs to a flow that was {@linkplain #add added}. */
    boolean known() {
        return entry != NO_ENTRY;
    }

    /** The rule that accepted the last packet's flow. */
    int rule() {
        return (int) (known.get(entry) >> 32);
    }

    /**
     * Adds the flow that the last packet begins.
     *
     * @param rule that accepted it
     * @return false where there is no room
     */
    boolean add(Headers headers, int rule, long nowNanos) {
        int detail = switch (headers.protocol()) {
            case IpProtocol.TCP ->
                TcpState.NONE.after(headers.tcpFlags(), false).ordinal();
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> headers.icmpType() & DETAIL_MASK;
            default -> 0;
        };
        entry = flows.insert(key, nowNanos, timeoutClass(headers, detail, false));
        if (entry == NO_ENTRY) {
            return false;
        }
        known.set(entry, (long) rule << 32 | detail | (reversed ? REVERSED : 0));
        return true;
    }

    /** Fills in the key of a packet's flow; returns whether that is the reverse of the packet's own. */
    private static boolean fillKey(FlowKey into, Headers headers) {
        into.fill(headers);
        if (!headers.isIcmpQuery()) {
            return into.canonicalize();
        }
        boolean reply = isReply(headers);
        if (reply) {
            into.reverse();
        }
        return reply;
    }

    private boolean endsAndBeginsAnew(Headers headers) {
        return headers.protocol() == IpProtocol.TCP && tcpState().reopenedBy(headers.tcpFlags(), fromResponder());
    }

    private boolean mayBegin(Headers headers) {
        if (headers.isIcmpQuery()) {
            return !isReply(headers);
        }
        if (headers.protocol() == IpProtocol.TCP) {
            TcpState first = TcpState.NONE.after(headers.tcpFlags(), false);
            return first == TcpState.SYN_SENT || first == TcpState.ESTABLISHED && tcpPickup;
        }
        return true;
    }

    /** Moves the flow of {@link #entry} on. */
    private ConnectionState follow(Headers headers, long nowNanos) {
        boolean reply = fromResponder();
        int flags = flags();
        int detail = flags & DETAIL_MASK;
        boolean replied = reply || (flags & REPLIED) != 0;
        if (headers.protocol() == IpProtocol.TCP) {
            TcpState next = tcpState().after(headers.tcpFlags(), reply);
            if (next == TcpState.INVALID) {
                return invalid();
            }
            if (next == TcpState.CLOSED && reply && (flags & REPLIED) == 0) {
                remove(); // refused: nothing will follow
                return ConnectionState.ESTABLISHED;
            }
            detail = next.ordinal();
        } else if (headers.isIcmpQuery() && detail != requestType(headers)) {
            return invalid();
        }
        int now = detail | flags & REVERSED | (replied ? REPLIED : 0);
        if (now != flags) {
            known.set(entry, (long) rule() << 32 | now);
        }
        flows.touch(entry, nowNanos);
        flows.timeoutClass(entry, timeoutClass(headers, detail, replied));
        return replied ? ConnectionState.ESTABLISHED : ConnectionState.NEW;
    }

    private ConnectionState invalid() {
        entry = NO_ENTRY;
        return ConnectionState.INVALID;
    }

    private boolean fromResponder() {
        return reversed != ((flags() & REVERSED) != 0);
    }

    private TcpState tcpState() {
        return TcpState.of(flags() & DETAIL_MASK);
    }

    private int flags() {
        return (int) known.get(entry);
    }

    private static int timeoutClass(Headers headers, int detail, boolean replied) {
        if (headers.isIcmpQuery()) {
            return ICMP;
        }
        return switch (headers.protocol()) {
            case IpProtocol.TCP -> detail;
            case IpProtocol.UDP -> replied ? UDP_REPLIED : UDP;
            default -> OTHER;
        };
    }

    /** An error belongs to the flow of the packet that it quotes, if it goes to the sender of that packet. */
    private ConnectionState trackError(Packet packet, Headers error) {
        boolean related = quoted.parseQuoted(packet, error)
                && !quoted.laterFragment()
                && !quoted.isIcmpError()
                && quoted.sourceHigh() == error.destinationHigh()
                && quoted.sourceLow() == error.destinationLow();
        if (!related) {
            return ConnectionState.INVALID;
        }
        fillKey(key, quoted);
        return flows.lookup(key) == NO_ENTRY ? ConnectionState.INVALID : ConnectionState.RELATED;
    }

    /** Neighbour discovery (RFC 4861) and multicast listener discovery (RFC 2710, 3810): nothing in them names a flow. */
    private static boolean isIpv6Housekeeping(Headers headers) {
        int type = headers.icmpType();
        return headers.isIpv6()
                && (type >= FIRST_MULTICAST_LISTENER_TYPE && type <= REDIRECT_TYPE
                        || type == MULTICAST_LISTENER_REPORT_V2);
    }

    private static boolean isReply(Headers headers) {
        return headers.icmpType() != requestType(headers);
    }

    /** The type of the request that belongs to a query's message, request or reply. */
    private static int requestType(Headers headers) {
        int type = headers.icmpType();
        if (headers.isIpv6()) {
            return Icmpv6.ECHO_REQUEST;
        }
        if (type == Icmpv4.ECHO_REPLY || type == Icmpv4.ECHO_REQUEST) {
            return Icmpv4.ECHO_REQUEST;
        }
        return type - 1 | 1; // the others are pairs of an odd request and the even reply behind it
    }
}
