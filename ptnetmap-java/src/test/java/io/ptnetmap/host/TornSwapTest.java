// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A user that ends between the two stores of a swap, made to do so rather than caught at it ({@link KillTest}). */
class TornSwapTest {
    @TempDir
    Path directory;

    private EmbeddedHost host;
    private AttachServer server;
    private Netmap netmap;
    private NetmapPort source;
    private NetmapPort sink;

    @BeforeEach
    void begin() {
        host = EmbeddedHost.create();
        server = host.serve(directory.resolve("host.sock"));
        netmap = Netmap.over(host);
        source = netmap.openPort("netmap:torn{1@conf:slots=8");
        sink = netmap.openPort("netmap:torn}2@conf:slots=8");
        for (int number = 0; number < 5; number++) {
            Packets.send(source.txRing(0), number, 60);
        }
    }

    @AfterEach
    void end() {
        netmap.close();
    }

    @Test
    void aSwapBetweenTwoPortsOfOneUserIsRepaired() {
        Netmap victim = Netmap.over(AttachClient.connect(server.path()));
        RxRing rx = victim.openPort("netmap:torn}1").rxRing(0);
        TxRing tx = victim.openPort("netmap:torn{2").txRing(0);
        rx.sync();
        rx.forward(tx, 2);
        int lost = tx.bufferIndex(2);
        tx.descriptor(2, rx.descriptor(2));
        BufferAudit torn = host.audit(1);
        assertFalse(torn.clean());
        assertEquals(List.of(lost), torn.lost());

        victim.close();
        awaitNobody();
        BufferAudit repaired = host.audit(1);
        assertTrue(repaired.clean(), repaired::toString);
        assertEquals(torn.free(), repaired.free(), "the lost buffer itself has been found");
        successorGoesOn();
    }

    @Test
    void aSwapWithinOnePortIsRepaired() {
        Netmap victim = Netmap.over(AttachClient.connect(server.path()));
        RxRing rx = victim.openPort("netmap:torn}1").rxRing(0);
        rx.sync();
        rx.descriptor(1, rx.descriptor(0));
        assertFalse(host.audit(1).clean());
        victim.close();
        awaitNobody();
        assertTrue(host.audit(1).clean());
    }

    /** Not a swap, but what a program at fault may leave: indexes that name no buffer. */
    @Test
    void slotsThatNameNoBufferGetOne() {
        Netmap victim = Netmap.over(AttachClient.connect(server.path()));
        TxRing tx = victim.openPort("netmap:torn{2").txRing(0);
        tx.descriptor(0, 0);
        tx.descriptor(1, -1);
        tx.descriptor(2, 150_000);
        victim.close();
        awaitNobody();
        BufferAudit audit = host.audit(1);
        assertTrue(audit.clean(), audit::toString);
    }

    private void successorGoesOn() {
        try (Netmap successor = Netmap.over(AttachClient.connect(server.path()));
                NetmapPort in = successor.openPort("netmap:torn}1");
                NetmapPort out = successor.openPort("netmap:torn{2")) {
            in.rxRing(0).sync();
            assertEquals(3, in.rxRing(0).available(), "two were given to the other pipe");
            in.rxRing(0).forward(out.txRing(0), 3);
            out.sync();
            in.sync();
            sink.rxRing(0).sync();
            assertEquals(5, sink.rxRing(0).available());
            assertTrue(host.audit(1).clean());
        }
    }

    private void awaitNobody() {
        while (server.connections() > 0) {
            Thread.onSpinWait();
        }
    }
}
