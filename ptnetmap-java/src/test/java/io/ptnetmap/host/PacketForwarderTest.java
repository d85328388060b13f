// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** Forwarding by packet sockets. */
class PacketForwarderTest extends InterfaceForwarderTck {
    PacketForwarderTest() {
        super(InterfaceMode.PACKET);
    }
}
