// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.swap;

/** How far up the headers of a packet are dealt with. */
public enum Layer {
    /** MAC addresses. */
    ETHERNET,
    /** And IP addresses. */
    NETWORK,
    /** And ports. */
    TRANSPORT
}
