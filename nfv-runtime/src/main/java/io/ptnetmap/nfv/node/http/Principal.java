// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

/**
 * Who asks.
 *
 * @param name for the log
 */
record Principal(String name, Role role) {
    Principal {
        name = name.replaceAll("\\p{Cntrl}", "?");
    }
}
