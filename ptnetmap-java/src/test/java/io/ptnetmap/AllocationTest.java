// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The data path allocates nothing, once the second compiler has had its time. */
@Tag("alone")
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 20;
    private static final int RUNS = 500;

    private final Netmap netmap = Netmap.over(EmbeddedHost.create());
    private NetmapPort source;
    private NetmapPort in;
    private NetmapPort out;
    private NetmapPort sink;
    private long forwarded;

    @BeforeEach
    void open() {
        source = netmap.openPort("netmap:a{1@conf:slots=64");
        in = netmap.openPort("netmap:a}1");
        out = netmap.openPort("netmap:a{2@conf:slots=64");
        sink = netmap.openPort("netmap:a}2");
    }

    @AfterEach
    void close() {
        netmap.close();
    }

    @Test
    void sendingForwardingAndReceivingAllocateNothing() {
        assertEquals(0, bytesOf(this::pass));
        assertTrue(forwarded > RUNS, "packets have moved: " + forwarded);
    }

    private void pass() {
        TxRing tx = source.txRing(0);
        int send = Math.min(16, tx.available());
        for (int i = 0, slot = tx.head(); i < send; i++, slot = tx.next(slot)) {
            tx.length(slot, 60);
            tx.flags(slot, 0);
        }
        tx.advance(send);
        tx.sync();
        RxRing rx = in.rxRing(0);
        rx.sync();
        forwarded += rx.forward(out.txRing(0), 16);
        out.txRing(0).sync();
        rx.sync();
        RxRing end = sink.rxRing(0);
        end.sync();
        end.advance(end.available());
        end.sync();
        out.txRing(0).sync();
        tx.sync();
    }

    @Test
    void pollingAllocatesNothing() {
        assertEquals(0, bytesOf(() -> {
            pass();
            in.poll(Linux.POLLIN, 0);
            sink.poll(Linux.POLLIN, 1000);
            out.poll(Linux.POLLOUT, -1);
        }));
    }

    @Test
    void aPollerAllocatesNothing() {
        try (NetmapPoller poller = new NetmapPoller()) {
            poller.add(in, Linux.POLLIN);
            poller.add(sink, Linux.POLLIN);
            assertEquals(0, bytesOf(() -> {
                poller.await(1000);
                pass();
            }));
        }
    }

    /** Bytes that many runs allocate once they are warm: the least of several rounds, as the JVM may add some. */
    private static long bytesOf(Runnable action) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int run = 0; run < RUNS; run++) {
                action.run();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
