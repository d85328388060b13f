// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells a tool's threads to end, when it is asked to or when the process is interrupted. In the latter case the process
 * stays until the tool is {@linkplain #close closed}, so that it can say what it has done. From any thread.
 */
public final class StopSignal implements AutoCloseable {
    /** For how long an interrupted process waits for its tool. */
    private static final long PATIENCE_SECONDS = 10;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stopAndWait, "stop");
    private volatile boolean requested;

    /** Watches for an interrupt from now on. */
    public StopSignal() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stopAndWait() {
        stop();
        try {
            closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException halted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks all to end. */
    public void stop() {
        requested = true;
    }

    /** Whether to end. */
    public boolean requested() {
        return requested;
    }

    /** The tool has ended. */
    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException interrupted) {
            // The hook is running, and ends now.
        }
    }
}
