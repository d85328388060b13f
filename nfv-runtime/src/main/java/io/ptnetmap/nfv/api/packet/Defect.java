// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

/** What is wrong with a malformed packet. */
public enum Defect {
    /** Nothing. */
    NONE,
    /** A header is cut off: by the packet's end, by the length of the layer below, or by the first buffer's end. */
    TRUNCATED,
    /** More VLAN tags than are walked. */
    TOO_MANY_VLAN_TAGS,
    /** The IP version does not match the EtherType. */
    BAD_VERSION,
    /** IPv4's or TCP's header length is below its minimum. */
    BAD_HEADER_LENGTH,
    /** IP's length is below its header's, or says more than the packet has. */
    BAD_TOTAL_LENGTH,
    /** A fragment that ends beyond 65535 bytes, or that would overwrite a TCP header (RFC 3128). */
    BAD_FRAGMENT,
    /** More IPv6 extension headers than are walked. */
    TOO_MANY_EXTENSION_HEADERS,
    /** UDP's length is below its header's, or says more than the IP packet has. */
    BAD_UDP_LENGTH
}
