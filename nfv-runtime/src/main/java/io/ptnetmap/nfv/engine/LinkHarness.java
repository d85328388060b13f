// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Ring;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The link between two workers without the workers: batches of the engine's own making at one end, what becomes of them at
 * the other. For one sending and one receiving thread.
 */
public final class LinkHarness implements AutoCloseable {
    private static final int LENGTH = 64;

    private final EmbeddedHost host = EmbeddedHost.create();
    private final Netmap netmap = Netmap.over(host);
    private final List<NetmapPort> ports = new ArrayList<>();
    private final ThreadLink link;
    private final LinkEnd left;
    private final LinkEnd right;
    private final Ring scratch;
    private final Batch sent;
    private final Batch received;
    private final Account account = new Account();

    /** @param entries of the link, a power of two */
    public LinkHarness(int entries) {
        link = new ThreadLink(ring(entries), ring(entries), entries, 0);
        left = link.left();
        right = link.right();
        scratch = ring(2 * Batch.BURST);
        sent = new Batch(scratch, 0);
        received = new Batch(scratch, Batch.BURST);
    }

    private TxRing ring(int slots) {
        NetmapPort port = netmap.openScratch(1, 1, slots);
        ports.add(port);
        return port.txRing(0);
    }

    /**
     * Sends packets whose time stamps are {@code first}, {@code first + 1} and so on.
     *
     * @param count at most 256
     * @return how many the link has taken
     */
    public int send(long first, int count) {
        sent.clear(Side.IN, 0);
        for (int slot = 0; slot < count; slot++) {
            scratch.descriptor(slot, NetmapSlot.descriptor(scratch.bufferIndex(slot), LENGTH, 0));
            scratch.ptr(slot, first + slot);
            sent.append(scratch, slot, 1, LENGTH);
        }
        int taken = left.send(sent, 0, account);
        left.flush();
        return taken;
    }

    /**
     * Receives packets.
     *
     * @param stamps takes the time stamp of each
     * @return how many there were
     */
    public int receive(LongConsumer stamps) {
        received.clear(Side.IN, 0);
        int count = right.receive(received);
        for (int i = 0; i < count; i++) {
            stamps.accept(received.home(i).ptr(received.slot(i)));
        }
        right.release();
        return count;
    }

    @Override
    public void close() {
        link.close();
        ports.forEach(NetmapPort::close);
        netmap.close();
    }
}
