// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.api.PacketBatch.Side;

/**
 * A link between two threads by itself, for measuring. One thread {@linkplain #send sends} numbered packets, another one {@linkplain
 * #receive receives} them; their slots tell the numbers modulo {@value #LENGTHS}, their buffers are not touched.
 */
public final class LinkHarness implements AutoCloseable {
    private static final int SHORTEST = 60;
    private static final int LENGTHS = 256;
    private static final int ENTRIES = 1024;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final NetmapPort forward = netmap.openScratch(1, 1, ENTRIES);
    private final NetmapPort backward = netmap.openScratch(1, 1, ENTRIES);
    private final NetmapPort packets = netmap.openScratch(1, 1, Batch.BURST + 1);
    private final ThreadLink link = new ThreadLink(forward.txRing(0), backward.txRing(0), ENTRIES, 0);
    private final LinkEnd sender = link.left();
    private final LinkEnd receiver = link.right();
    private final Account account = new Account();
    private final TxRing origin = packets.txRing(0);
    private final Batch toSend = new Batch(origin, 0);
    private final Batch inTransit = new Batch(origin, 0);

    /**
     * Sends packets, waiting for room.
     *
     * @param first number of the first
     * @param count of them, at most 256
     */
    public void send(long first, int count) {
        for (int i = 0; i < count; i++) {
            origin.descriptor(i, NetmapSlot.descriptor(origin.bufferIndex(i), length(first + i), 0));
        }
        // It names slots, and these remain the same.
        if (toSend.count() != count) {
            toSend.clear(Side.IN, 0);
            toSend.appendRun(origin, 0, count);
        }
        int sent = sender.send(toSend, 0, account);
        while (sent < count) {
            Thread.onSpinWait();
            sent = sender.send(toSend, sent, account);
        }
        sender.flush();
    }

    /**
     * Receives what there is.
     *
     * @param first number of the next packet
     * @return how many; negative if one is not the expected one
     */
    public int receive(long first) {
        inTransit.clear(Side.IN, 0);
        int count = receiver.receive(inTransit);
        int wrong = 0;
        for (int i = 0; i < count; i++) {
            wrong |= inTransit.length(i) ^ length(first + i);
        }
        if (count != 0) {
            receiver.release();
        }
        return wrong == 0 ? count : -1;
    }

    private static int length(long number) {
        return SHORTEST + ((int) number & LENGTHS - 1);
    }

    @Override
    public void close() {
        link.close();
        packets.close();
        backward.close();
        forward.close();
        netmap.close();
        host.close();
    }
}
