// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Packets;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.memory.Memory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A user that ends after it has given slots back, and before it has rung for who waits for them ({@link KillTest}). */
@Timeout(30)
class UnrungDoorbellTest {
    private EmbeddedHost host;
    private Netmap netmap;

    @BeforeEach
    void begin() {
        host = EmbeddedHost.create();
        netmap = Netmap.over(host);
    }

    @AfterEach
    void end() {
        netmap.close();
    }

    @Test
    void whoSleepsIsWokenByTheHost() throws Exception {
        NetmapPort sender = netmap.openPort("netmap:unrung{1@conf:slots=8");
        NetmapPort receiver = netmap.openPort("netmap:unrung}1");
        TxRing tx = sender.txRing(0);
        for (int number = 0; number < 7; number++) {
            Packets.send(tx, number, 60);
        }
        assertEquals(0, tx.available());
        CompletableFuture<Integer> woken = CompletableFuture.supplyAsync(() -> sender.poll(Linux.POLLOUT, -1));
        long lane = sleepersLane();
        Memory.putIntRelease(lane + PipeLane.TAKEN, 4);
        Memory.putIntRelease(lane + PipeLane.RELEASED, 4);
        receiver.close();
        assertEquals(Linux.POLLOUT, woken.get(10, TimeUnit.SECONDS));
        assertEquals(4, tx.available());
    }

    /** Address of the lane whose sender waits for slots. */
    private long sleepersLane() {
        long base = host.register(PortRequest.of("bystander{1", NmreqRegister.NR_REG_ALL_NIC))
                .memory()
                .address();
        PoolsInfo pools = host.poolsInfo("bystander{1", 0);
        assertTrue(pools.ring().objects() > 0);
        while (true) {
            var found = LongStream.range(0, pools.ring().objects() / 2)
                    .map(index -> base + pools.memsize() + index * PipeLane.SIZE)
                    .filter(lane -> Memory.getIntAcquire(lane + PipeLane.TX_ARMED) != 0)
                    .findFirst();
            if (found.isPresent()) {
                return found.getAsLong();
            }
            Thread.onSpinWait();
        }
    }
}
