// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples.binding;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPoller;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.linux.Linux;

/** A wire between two netmap ports of one memory region, both ways, without copying: {@code Forward netmap:left netmap:right}. */
public final class Forward {
    private static final int BURST = 256;

    private Forward() {}

    /** @param ports the two ports; Ctrl-C ends it */
    public static void main(String[] ports) {
        try (NetmapPort left = Netmap.open(ports[0]);
                NetmapPort right = Netmap.open(ports[1]);
                NetmapPoller poller = new NetmapPoller()) {
            while (true) {
                if (move(left, right) + move(right, left) == 0) {
                    poller.add(left, awaited(left, right));
                    poller.add(right, awaited(right, left));
                    poller.await(-1);
                }
            }
        }
    }

    /** What stops the traffic at a port: that nothing has come in, or that there is no room for what the other one has. */
    private static int awaited(NetmapPort port, NetmapPort other) {
        int in = port.rxRing(0).available() == 0 ? Linux.POLLIN : 0;
        int out = other.rxRing(0).available() == 0 ? 0 : Linux.POLLOUT;
        return in | out;
    }

    /** Moves what has come in at one port out at the other; returns the slots moved. */
    static int move(NetmapPort from, NetmapPort to) {
        from.rxRing(0).sync();
        int moved = from.rxRing(0).forward(to.txRing(0), BURST);
        to.txRing(0).sync();
        return moved;
    }
}
