// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

/** What a rule does with a packet. */
public enum Action {
    ACCEPT,
    DROP
}
