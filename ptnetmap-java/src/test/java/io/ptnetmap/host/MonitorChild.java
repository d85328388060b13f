// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.linux.Linux;
import java.nio.file.Path;
import java.util.List;

/**
 * A process of its own that works until it is killed: {@code MonitorChild SOCKET send|receive|forward|watch PORT...}. Senders count
 * from 0; who receives and who watches fails where numbers do not grow.
 */
public final class MonitorChild {
    private MonitorChild() {}

    public static void main(String[] arguments) {
        Netmap netmap = Netmap.over(AttachClient.connect(Path.of(arguments[0])));
        NetmapPort port = netmap.openPort(arguments[2]);
        switch (arguments[1]) {
            case "send" -> send(port);
            case "receive" -> receive(port);
            case "watch" -> watch(port);
            case "forward" -> forward(port, netmap.openPort(arguments[3]));
            default -> throw new IllegalArgumentException(arguments[1]);
        }
    }

    private static void send(NetmapPort port) {
        TxRing tx = port.txRing(0);
        long number = 0;
        while (true) {
            port.poll(Linux.POLLOUT, -1);
            while (tx.inject(Packets.numbered(number, 60))) {
                number++;
            }
            tx.sync();
        }
    }

    private static void receive(NetmapPort port) {
        long last = -1;
        while (true) {
            port.poll(Linux.POLLIN, -1);
            last = requireGrowing(last, Packets.receive(port.rxRing(0)));
        }
    }

    private static void watch(NetmapPort monitor) {
        long[] last = new long[monitor.rxRings().size()];
        while (true) {
            monitor.poll(Linux.POLLIN, -1);
            for (int i = 0; i < last.length; i++) {
                RxRing ring = monitor.rxRing(i);
                last[i] = requireGrowing(last[i] - 1, Packets.receive(ring)) + 1;
            }
        }
    }

    private static long requireGrowing(long last, List<Long> numbers) {
        long before = last;
        for (long number : numbers) {
            if (number <= before) {
                throw new AssertionError(number + " after " + before);
            }
            before = number;
        }
        return before;
    }

    private static void forward(NetmapPort from, NetmapPort to) {
        while (true) {
            from.poll(Linux.POLLIN, -1);
            from.rxRing(0).forward(to.txRing(0), Integer.MAX_VALUE);
            to.txRing(0).sync();
            if (to.txRing(0).available() == 0) {
                to.poll(Linux.POLLOUT, -1);
            }
        }
    }
}
