// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** By packet sockets. */
class PacketCsbInterfaceTest extends CsbInterfaceTck {
    PacketCsbInterfaceTest() {
        super(InterfaceMode.PACKET);
    }
}
