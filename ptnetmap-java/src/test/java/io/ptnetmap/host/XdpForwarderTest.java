// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** Forwarding by XDP sockets. */
class XdpForwarderTest extends InterfaceForwarderTck {
    XdpForwarderTest() {
        super(InterfaceMode.XDP);
    }
}
