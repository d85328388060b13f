// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

/** What the bearer of a token may do; each role includes those before it. */
public enum Role {
    /** Looks. */
    READ,
    /** Also starts, stops, reconfigures, and sees packets. */
    OPERATE,
    /** Also creates and deletes chains. */
    ADMIN;

    boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}
