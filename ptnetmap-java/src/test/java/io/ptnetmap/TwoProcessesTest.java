// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.host.AttachClient;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.linux.Linux;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A packet goes to and fro between two processes that sleep while it is away: no wake-up is lost. */
@Timeout(120)
class TwoProcessesTest {
    private static final int ROUNDS = 20_000;

    @TempDir
    Path directory;

    @Test
    void noWakeUpIsLostBetweenProcesses() throws Exception {
        try (EmbeddedHost host = EmbeddedHost.create();
                ChildJvm echo = ChildJvm.start(
                        directory,
                        TwoProcessesTest.class,
                        host.serve(directory.resolve("host.sock")).path().toString());
                Netmap netmap = Netmap.over(host);
                NetmapPort port = netmap.openPort("netmap:echo{1@conf:slots=8")) {
            for (long round = 0; round < ROUNDS; round++) {
                Packets.send(port.txRing(0), round, 60);
                assertEquals(round, next(port));
            }
            echo.requireSuccess();
        }
    }

    /** The echo. Argument: the host's socket. */
    public static void main(String[] arguments) {
        try (Netmap netmap = Netmap.over(AttachClient.connect(Path.of(arguments[0])));
                NetmapPort port = netmap.openPort("netmap:echo}1@conf:slots=8")) {
            for (long round = 0; round < ROUNDS; round++) {
                Packets.send(port.txRing(0), next(port), 60);
            }
        }
    }

    private static long next(NetmapPort port) {
        int spins = ThreadLocalRandom.current().nextInt(4) == 0
                ? ThreadLocalRandom.current().nextInt(2000)
                : 0;
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
        Packets.await(port, Linux.POLLIN);
        long number = Packets.number(port.rxRing(0), port.rxRing(0).head());
        port.rxRing(0).advance(1);
        port.sync();
        return number;
    }
}
