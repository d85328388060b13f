// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

/** What connection tracking says about a packet, in the words of nftables' {@code ct state}. */
public enum ConnectionState {
    /** It begins a flow, or belongs to one that has not been answered yet. */
    NEW,
    /** It belongs to a flow with packets in both directions. */
    ESTABLISHED,
    /** It is an ICMP error about a packet of a known flow. */
    RELATED,
    /** It can neither begin a flow nor belong to a known one. */
    INVALID,
    /** It is not tracked: neighbour discovery, multicast listener reports, everything if the firewall is stateless. */
    UNTRACKED;

    /** This state in a set of states. */
    int bit() {
        return 1 << ordinal();
    }
}
