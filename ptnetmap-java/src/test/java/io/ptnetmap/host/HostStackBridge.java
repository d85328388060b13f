// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.linux.Linux;
import java.io.IOException;

/** Joins an interface and the kernel's stack behind it, until its input ends. Argument: the interface. */
final class HostStackBridge {
    private HostStackBridge() {}

    public static void main(String[] arguments) throws IOException {
        try (Netmap netmap = Netmap.over(EmbeddedHost.create());
                NetmapPort wire = netmap.openPort("netmap:" + arguments[0]);
                NetmapPort stack = netmap.openPort("netmap:" + arguments[0] + "^");
                NetmapPoller poller = new NetmapPoller()) {
            System.out.println("ready");
            while (System.in.available() == 0) {
                poller.add(wire, wire.rxRing(0).available() > 0 ? 0 : Linux.POLLIN);
                poller.add(stack, stack.rxRing(0).available() > 0 ? 0 : Linux.POLLIN);
                poller.await(20_000_000);
                wire.rxRing(0).forward(stack.txRing(0), 1024);
                stack.rxRing(0).forward(wire.txRing(0), 1024);
                wire.sync();
                stack.sync();
            }
            System.out.println(stack.counters().orElseThrow());
        }
    }
}
