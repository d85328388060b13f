// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

/** What to do with IPv4 packets that are neither from inside nor to an external address. */
public enum Unmatched {
    PASS,
    DROP
}
