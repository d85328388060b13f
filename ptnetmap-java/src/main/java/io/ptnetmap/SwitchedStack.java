// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.abi.PortSpec;
import io.ptnetmap.adapter.AdapterPort;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;

/**
 * The host stack of a network interface as a port of a switch, {@code vale0:eth0^}: a wire between that and {@code eth0^}, on a
 * thread of its own. Both lie in the region of the switch's port, so only the switch copies.
 */
final class SwitchedStack implements AutoCloseable {
    private static final int BURST = 256;

    private final NetmapPort port;
    private final NetmapPort stack;
    private final Thread thread;

    private SwitchedStack(NetmapPort port, NetmapPort stack) {
        this.port = port;
        this.stack = stack;
        this.thread = Thread.ofPlatform().daemon().name(port.name()).start(this::run);
    }

    /**
     * Opens both ports and joins them until this is closed.
     *
     * @param host that has the switch
     * @param interfaceName whose stack it is
     * @param portName as the switch calls it
     * @throws LinuxException if one of them is refused
     */
    static SwitchedStack open(NetmapDriver host, String interfaceName, String portName) {
        PortBinding ofSwitch = host.register(PortRequest.of(portName, NmreqRegister.NR_REG_ALL_NIC));
        NetmapPort port = new NetmapPort(portName, ofSwitch);
        try {
            PortSpec spec = PortSpec.parse("netmap:" + interfaceName);
            PortBinding ofStack = AdapterPort.openHostStack(host, spec, port.memId(), 0);
            return new SwitchedStack(port, new NetmapPort("netmap:" + interfaceName + "^", ofStack));
        } catch (RuntimeException refused) {
            port.close();
            throw refused;
        }
    }

    private void run() {
        try (NetmapPoller poller = new NetmapPoller()) {
            while (true) {
                if (move(port, stack) + move(stack, port) == 0) {
                    poller.add(port, awaited(port, stack));
                    poller.add(stack, awaited(stack, port));
                    poller.await(-1);
                }
            }
        } catch (NetmapException closed) {
            // By whoever detaches it, or with the interface.
        }
    }

    private static int move(NetmapPort from, NetmapPort to) {
        RxRing rx = from.rxRing(0);
        rx.sync();
        int moved = rx.forward(to.txRing(0), BURST);
        to.txRing(0).sync();
        return moved;
    }

    /** Packets to read; or room to write them, where there are some. */
    private static int awaited(NetmapPort port, NetmapPort other) {
        int readable = other.txRing(0).available() > 0 ? Linux.POLLIN : 0;
        return port.txRing(0).available() == 0 && other.rxRing(0).available() > 0 ? readable | Linux.POLLOUT : readable;
    }

    @Override
    public void close() {
        stack.close();
        port.close();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
