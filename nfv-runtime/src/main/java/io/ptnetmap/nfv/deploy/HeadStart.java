// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.nfv.registry.FunctionLoadException;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import org.slf4j.LoggerFactory;

/**
 * Initializes what every chain needs, on threads beside those that read the command line and the chain: half of the time to
 * the first packet is spent in static initializers. Nothing depends on it.
 */
public final class HeadStart {
    private HeadStart() {}

    /** Begins. */
    public static void begin() {
        start("head-start-functions", HeadStart::openFunctions);
        start("head-start-ports", KernelDriver::available);
    }

    private static void start(String name, Runnable work) {
        Thread.ofPlatform().daemon().name(name).start(work);
    }

    private static void openFunctions() {
        try (FunctionRegistry functions = FunctionRegistry.open()) {
            functions.validator();
        } catch (FunctionLoadException failure) {
            LoggerFactory.getLogger(HeadStart.class).debug("to be told when the chain needs them", failure);
        }
    }
}
