// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** Interfaces as ports by XDP sockets in the kernel's stack. */
class XdpGenericPortTest extends InterfacePortTck {
    XdpGenericPortTest() {
        super(InterfaceMode.XDP_GENERIC);
    }
}
