// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.kernel.KernelDriver;
import org.junit.jupiter.api.BeforeAll;

/** The test kit over {@code /dev/netmap}, where there is one. */
class KernelPortTest extends NetmapPortTck {
    @BeforeAll
    static void requireKernel() {
        assumeTrue(KernelDriver.available(), "there is no /dev/netmap here: load the netmap module to run this");
    }

    @Override
    protected Netmap create() {
        return Netmap.over(new KernelDriver());
    }

    /** An emulated processor has time for fewer: {@code -Dtck.rounds=2000}. */
    @Override
    protected int rounds() {
        return Integer.getInteger("tck.rounds", super.rounds());
    }

    @Override
    protected void discard(Netmap netmap) {
        netmap.close();
    }
}
