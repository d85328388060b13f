// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** By XDP sockets. */
class XdpCsbInterfaceTest extends CsbInterfaceTck {
    XdpCsbInterfaceTest() {
        super(InterfaceMode.XDP);
    }
}
