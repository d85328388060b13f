// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

/** Which packets from outside reach an inside endpoint that has a binding (RFC 4787 §5). */
public enum Filtering {
    /** All that come to its external endpoint. */
    ENDPOINT_INDEPENDENT,
    /** Those from addresses to which it has sent. */
    ADDRESS_DEPENDENT,
    /** Those from addresses and ports to which it has sent. */
    ADDRESS_AND_PORT_DEPENDENT
}
