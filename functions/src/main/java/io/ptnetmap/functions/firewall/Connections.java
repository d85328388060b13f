// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.flow.FlowTable;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Icmpv4;
import io.ptnetmap.nfv.api.packet.Icmpv6;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import java.time.Duration;
import java.util.List;

/**
 * Connection tracking: which flows have been accepted, and how a packet relates to them.
 *
 * <p>Both directions of a flow share one entry. Queries of ICMP are keyed from the one who asks, so that two hosts that ping
 * each other with the same identifier have two flows. Single-threaded.
 */
final class Connections {
    private static final int NO_ENTRY = -1;

    /** Timeout classes: first the {@link TcpState}s by ordinal, then these. */
    private static final int UDP = TcpState.INVALID.ordinal();

    private static final int UDP_REPLIED = UDP + 1;
    private static final int ICMP = UDP + 2;
    private static final int OTHER = UDP + 3;

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
    private final int[] flags;
    private final int[] rules;
    private final boolean tcpPickup;
    private final FlowKey key = new FlowKey();
    private final Headers quoted = new Headers();
    /** The flow of the last packet, if there is one. */
    private int entry = NO_ENTRY;
    /** Whether {@link #key} was reversed for the last packet. */
    private boolean reversed;

    Connections(int maxFlows, boolean tcpPickup, FirewallTimeouts timeouts) {
        this.flows = new FlowTable(maxFlows, classes(timeouts));
        this.flags = new int[maxFlows];
        this.rules = new int[maxFlows];
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

    /** Forgets flows that have been silent for too long. */
    void expire(long nowNanos) {
        flows.expire(nowNanos, EXPIRE_LIMIT, expired -> {});
    }

    /**
     * How a packet relates to the flows, which it may move on: its own flow's state and time are updated.
     *
     * @param headers of the packet: well-formed IP, no later fragment
     */
    ConnectionState track(Packet packet, Headers headers, long nowNanos) {
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
        fillKey(headers);
        entry = flows.lookup(key);
        if (entry != NO_ENTRY && endsAndBeginsAnew(headers)) {
            flows.remove(entry);
            entry = NO_ENTRY;
        }
        if (entry == NO_ENTRY) {
            return mayBegin(headers) ? ConnectionState.NEW : ConnectionState.INVALID;
        }
        return follow(headers, nowNanos);
    }

    /** Whether the last packet belongs to a flow that was {@linkplain #add added}. */
    boolean known() {
        return entry != NO_ENTRY;
    }

    /** The rule that accepted the last packet's flow. */
    int rule() {
        return rules[entry];
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
        flags[entry] = detail | (reversed ? REVERSED : 0);
        rules[entry] = rule;
        return true;
    }

    private void fillKey(Headers headers) {
        key.fill(headers);
        if (headers.isIcmpQuery()) {
            reversed = isReply(headers);
            if (reversed) {
                key.reverse();
            }
        } else {
            reversed = key.canonicalize();
        }
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
        int detail = flags[entry] & DETAIL_MASK;
        boolean replied = reply || (flags[entry] & REPLIED) != 0;
        if (headers.protocol() == IpProtocol.TCP) {
            TcpState next = tcpState().after(headers.tcpFlags(), reply);
            if (next == TcpState.INVALID) {
                return invalid();
            }
            if (next == TcpState.CLOSED && reply && (flags[entry] & REPLIED) == 0) {
                flows.remove(entry); // refused: nothing will follow
                return ConnectionState.ESTABLISHED;
            }
            detail = next.ordinal();
        } else if (headers.isIcmpQuery() && detail != requestType(headers)) {
            return invalid();
        }
        flags[entry] = detail | flags[entry] & REVERSED | (replied ? REPLIED : 0);
        flows.touch(entry, nowNanos);
        flows.timeoutClass(entry, timeoutClass(headers, detail, replied));
        return replied ? ConnectionState.ESTABLISHED : ConnectionState.NEW;
    }

    private ConnectionState invalid() {
        entry = NO_ENTRY;
        return ConnectionState.INVALID;
    }

    private boolean fromResponder() {
        return reversed != ((flags[entry] & REVERSED) != 0);
    }

    private TcpState tcpState() {
        return TcpState.of(flags[entry] & DETAIL_MASK);
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
        fillKey(quoted);
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
