// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ports that the host serves through a CSB, with a well-behaved user. */
@Timeout(60)
class CsbPortTest {
    private static final long PATIENCE = 10_000_000_000L;

    @TempDir
    Path directory;

    private EmbeddedHost host;
    private Netmap netmap;
    private CsbClient client;

    @BeforeEach
    void begin() {
        host = EmbeddedHost.create();
        netmap = Netmap.over(host);
        client = CsbClient.connect(host.serve(directory.resolve("host.sock")).path());
    }

    @AfterEach
    void end() {
        client.close();
        host.close();
    }

    private CsbClient.Port open(String name) {
        return client.open(PortRequest.of(name, NmreqRegister.NR_REG_ALL_NIC));
    }

    @Test
    void packetsGoBothWays() {
        NetmapPort here = netmap.openPort("netmap:p{1@conf:slots=16");
        CsbClient.Port there = open("p}1");
        CsbUser tx = new CsbUser(there, 0);
        CsbUser rx = new CsbUser(there, 1);
        there.start();
        tx.begin();
        rx.begin();
        assertEquals(15, tx.available());
        assertEquals(0, rx.available());

        Packets.send(here.txRing(0), 7, 60);
        assertTrue(rx.available() > 0 || rx.await(PATIENCE));
        assertEquals(60, NetmapSlot.len(NetmapSlot.read(rx.slot(rx.head))));
        rx.advance(1);

        NetmapSlot.write(
                tx.slot(tx.head), NetmapSlot.descriptor(NetmapSlot.bufIdx(NetmapSlot.read(tx.slot(tx.head))), 61, 0));
        tx.advance(1);
        Packets.await(here, Linux.POLLIN);
        assertEquals(61, here.rxRing(0).length(here.rxRing(0).head()));
        there.stop();
        there.close();
    }

    @Test
    void aPortIsStartedOnce() {
        CsbClient.Port port = open("p{1");
        port.stop();
        port.start();
        assertEquals(
                Errno.EBUSY, assertThrows(LinuxException.class, port::start).errno());
        port.stop();
        port.stop();
        port.start();
        port.release();
        assertEquals(
                Errno.ENXIO, assertThrows(LinuxException.class, port::start).errno());
        port.close();
        assertTrue(host.audit(1).clean());
    }
}
