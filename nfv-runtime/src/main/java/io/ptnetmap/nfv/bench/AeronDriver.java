// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.IOException;
import org.agrona.concurrent.SleepingIdleStrategy;

/**
 * Aeron's media driver, in a process of its own. One thread does all of its work and sleeps as briefly as Linux lets it, for
 * it has no processor to itself: it keeps track of who is alive and moves the senders' limits.
 */
final class AeronDriver {
    /** Of those tried, from 64 KB to the default of 64 MB, the one with the highest rate. */
    private static final int TERM_LENGTH = 4 << 20;

    private static final long SLEEP_NANOS = 1_000;

    /**
     * After which a silent process counts as dead: long, for while others have their round, those of Aeron may hardly get a
     * processor.
     */
    static final long SILENCE_NANOS = 60_000_000_000L;

    private AeronDriver() {}

    /** Argument: directory. Runs until its standard input ends. */
    public static void main(String[] arguments) throws IOException {
        MediaDriver.Context context = new MediaDriver.Context()
                .aeronDirectoryName(arguments[0])
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(new SleepingIdleStrategy(SLEEP_NANOS))
                .clientLivenessTimeoutNs(SILENCE_NANOS)
                .publicationUnblockTimeoutNs(2 * SILENCE_NANOS)
                .termBufferSparseFile(false)
                .ipcTermBufferLength(TERM_LENGTH);
        // However this process ends but by force: the directory takes memory.
        Runtime.getRuntime().addShutdownHook(new Thread(MediaDriver.launch(context)::close));
        System.out.println(BenchProcess.READY);
        while (System.in.read() >= 0) {
            // Nobody has anything to say to a driver.
        }
        // Its threads would go on.
        System.exit(0);
    }
}
