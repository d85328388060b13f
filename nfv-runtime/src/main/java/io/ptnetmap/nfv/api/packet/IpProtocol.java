// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

/** Protocol numbers of IPv4's protocol field and IPv6's next header fields (IANA, assigned internet protocol numbers). */
public final class IpProtocol {
    /** IPv6 hop-by-hop options. */
    public static final int HOP_BY_HOP = 0;

    public static final int ICMP = 1;
    public static final int IGMP = 2;
    public static final int TCP = 6;
    public static final int UDP = 17;
    /** IPv6 routing header. */
    public static final int ROUTING = 43;
    /** IPv6 fragment header. */
    public static final int FRAGMENT = 44;

    public static final int GRE = 47;
    /** Encapsulating security payload: what follows is not readable. */
    public static final int ESP = 50;
    /** Authentication header. */
    public static final int AH = 51;

    public static final int ICMPV6 = 58;
    /** Nothing follows. */
    public static final int NO_NEXT_HEADER = 59;
    /** IPv6 destination options. */
    public static final int DESTINATION_OPTIONS = 60;

    public static final int SCTP = 132;

    private IpProtocol() {}
}
