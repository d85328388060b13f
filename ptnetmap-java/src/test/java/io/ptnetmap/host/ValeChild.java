// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.linux.Linux;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A process of its own with a port of a switch: {@code ValeChild SOCKET PORT}. Sends back what it receives, with the addresses
 * swapped, until it is killed.
 */
public final class ValeChild {
    private ValeChild() {}

    public static void main(String[] arguments) {
        AttachClient client = AttachClient.connect(Path.of(arguments[0]));
        NetmapPort port = Netmap.over(client).openPort(arguments[1]);
        Frames.send(port, Frames.frame(Frames.BROADCAST, 0x02_00_00_00_00_99L, 0, 60));
        while (true) {
            port.poll(Linux.POLLIN, -1);
            for (byte[] frame : Frames.receive(port)) {
                ByteBuffer header = ByteBuffer.wrap(frame);
                byte[] addresses = new byte[12];
                header.get(0, addresses);
                header.put(0, addresses, 6, 6).put(6, addresses, 0, 6);
                Frames.send(port, frame);
            }
        }
    }
}
