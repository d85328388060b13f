// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** Interfaces as ports by packet sockets. */
class PacketPortTest extends InterfacePortTck {
    PacketPortTest() {
        super(InterfaceMode.PACKET);
    }
}
