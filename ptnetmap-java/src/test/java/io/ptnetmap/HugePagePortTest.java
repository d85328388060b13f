// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.host.AttachClient;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.HugePageReserve;
import io.ptnetmap.host.HugePages;
import io.ptnetmap.host.RegionConfig;
import io.ptnetmap.host.RegionPages;
import io.ptnetmap.linux.Linux;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The test kit on a region in huge pages, which another process keeps. */
@Tag("alone")
class HugePagePortTest extends NetmapPortTck {
    private static final RegionConfig CONFIG =
            new RegionConfig(64, 1024, 64, 65792, 32768, 2048).withHugePages(HugePages.ON);
    private static final int MORE_THAN_THERE_ARE = 200_000;
    private static final long PATIENCE = 20_000_000_000L;

    @TempDir
    static Path directory;

    private static HugePageReserve reserve;
    private static ChildJvm host;
    private static int buffers;

    @BeforeAll
    static void keep() {
        reserve = HugePageReserve.of(
                RegionPages.of(CONFIG.withHugePages(HugePages.AUTO)).bytes() / (2 << 20) + 4);
        long free = HugePageReserve.free();
        host = ChildJvm.start(directory, HugePagePortTest.class, socket().toString());
        Netmap first = attach();
        assertEquals(RegionPages.of(CONFIG).wanted(), HugePages.ON);
        long taken = free - HugePageReserve.free();
        assertEquals(0, first.driver().poolsInfo("", 1).memsize() % (2 << 20));
        assertEquals(first.driver().poolsInfo("", 1).memsize() / (2 << 20) + 1, taken, "huge pages of the region");
        buffers = free(first);
        first.close();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (host != null) {
            host.kill();
        }
        if (reserve != null) {
            reserve.close();
        }
    }

    /** Keeps the region until it is killed. Argument: the socket. */
    public static void main(String[] arguments) throws InterruptedException {
        EmbeddedHost.create(CONFIG).serve(Path.of(arguments[0]));
        Thread.currentThread().join();
    }

    private static Path socket() {
        return directory.resolve("host.sock");
    }

    private static Netmap attach() {
        long deadline = System.nanoTime() + PATIENCE;
        while (true) {
            host.requireAlive();
            try {
                return Netmap.over(AttachClient.connect(socket()));
            } catch (RuntimeException notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
                Linux.poll(-1, 0, 10_000_000);
            }
        }
    }

    private static int free(Netmap netmap) {
        try (NetmapPort port = netmap.openPort("netmap:count{1@conf:slots=8", MORE_THAN_THERE_ARE)) {
            return port.extraBufferCount();
        }
    }

    @Override
    protected Netmap create() {
        return attach();
    }

    @Override
    protected void discard(Netmap netmap) {
        assertEquals(buffers, free(netmap), "free buffers");
        netmap.close();
    }

    @Override
    protected int rounds() {
        return 20_000;
    }
}
