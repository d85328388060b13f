// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.HugePagePool;
import io.ptnetmap.linux.LinuxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which pages a region gets, by what there is. */
class RegionPagesTest {
    private static final long MIB2 = 2L << 20;
    private static final long GIB = 1L << 30;
    /** Pools of 338 MiB and a bit, and a control area. */
    private static final RegionConfig CONFIG = RegionConfig.DEFAULT;

    private static final long NEEDED = (CONFIG.poolBytes() + MIB2 - 1) / MIB2 + 1;

    private static HugePagePool pool(long size, long free, long reserved, long overcommit) {
        return new HugePagePool(size, free, free, reserved, 0, overcommit, Path.of("/pool"));
    }

    private static RegionPages of(HugePages wanted, HugePagePool... pools) {
        return RegionPages.of(CONFIG, wanted, List.of(pools));
    }

    @Test
    void smallOnesUnlessAskedFor() {
        RegionPages pages = of(HugePages.OFF, pool(MIB2, 10_000, 0, 0));
        assertFalse(pages.huge());
        assertFalse(pages.refused());
        assertEquals(CONFIG.poolBytes(), pages.memsize());
        assertEquals(4096, pages.pageSize());
        assertTrue(pages.bytes() - pages.memsize() - Region.controlBytes(CONFIG.ringNum()) < 4096);
    }

    @Test
    void autoTakesThoseThatAreFree() {
        RegionPages pages = of(HugePages.AUTO, pool(MIB2, NEEDED + 7, 7, 0));
        assertTrue(pages.huge());
        assertEquals(NEEDED, pages.count());
        assertEquals(0, pages.memsize() % MIB2, "a guest that maps so much must not see what is behind");
        assertTrue(pages.memsize() >= CONFIG.poolBytes());
        assertEquals(0, pages.bytes() % MIB2);
        assertTrue(pages.bytes() - pages.memsize() >= Region.controlBytes(CONFIG.ringNum()));
    }

    @Test
    void autoLeavesThemWhereTheyDoNotSufficeAndSaysHowManyWould() {
        RegionPages pages = of(HugePages.AUTO, pool(MIB2, NEEDED + 7, 8, 1000));
        assertFalse(pages.huge());
        assertFalse(pages.refused());
        assertTrue(
                pages.why()
                        .startsWith(NEEDED + " huge pages of 2 MiB would be needed, " + (NEEDED - 1) + " of "
                                + (NEEDED + 7) + " are free: as root, echo " + (NEEDED + 8)
                                + " > /pool/nr_hugepages"),
                pages::why);
        assertTrue(of(HugePages.AUTO).why().contains("the kernel has no huge pages"));
    }

    @Test
    void autoDoesNotTakePagesLargerThanTheRegion() {
        assertFalse(of(HugePages.AUTO, pool(GIB, 10, 0, 0)).huge());
        assertEquals(GIB, of(HugePages.ON, pool(GIB, 10, 0, 0)).pageSize());
        assertEquals(
                MIB2,
                of(HugePages.ON, pool(MIB2, NEEDED, 0, 0), pool(GIB, 10, 0, 0)).pageSize());
    }

    @Test
    void onTakesWhatTheKernelMayMakeOrIsRefused() {
        assertTrue(of(HugePages.ON, pool(MIB2, 0, 0, NEEDED)).huge());
        assertTrue(of(HugePages.ON, pool(MIB2, NEEDED - 1, 0, 0)).refused());
        assertTrue(of(HugePages.ON).refused());
    }

    @Test
    void theConfigurationGoesBeforeTheVariable() {
        System.setProperty(HugePages.VARIABLE, "auto");
        try {
            assertEquals(HugePages.AUTO, RegionPages.of(CONFIG).wanted());
            RegionConfig off = CONFIG.withHugePages(HugePages.OFF).withRings(8, 8192);
            assertEquals(HugePages.OFF, RegionPages.of(off).wanted());
            System.setProperty(HugePages.VARIABLE, "yes");
            LinuxException refused = assertThrows(LinuxException.class, () -> RegionPages.of(CONFIG));
            assertEquals(Errno.EINVAL, refused.errno());
            assertTrue(refused.getMessage().contains("expected one of auto, on, off"), refused::getMessage);
        } finally {
            System.clearProperty(HugePages.VARIABLE);
        }
        assertEquals(HugePages.OFF, RegionPages.of(CONFIG).wanted());
    }
}
