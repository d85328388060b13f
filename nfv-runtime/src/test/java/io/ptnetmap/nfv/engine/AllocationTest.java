// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data path allocates nothing while packets flow, over calls, pipes and links between threads. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** For what is not per packet: ticks, sleeps, a batch that grows something once. */
    private static final double BYTES_PER_PACKET = 0.01;

    /** The compiler settles at some time; before, system calls of sleeping workers allocate a little. */
    private static final int WINDOWS = 8;

    @TempDir
    Path directory;

    @Test
    void workersAllocateNothingPerPacket() throws Exception {
        Path file = Files.writeString(directory.resolve("chain.yaml"), """
                chain: steady
                functions:
                  - {type: counting-source, config: {count: 1000000000000}}
                  - {type: pass}
                  - {name: piped, type: pass, link: {type: pipe}}
                  - {name: threaded, type: pass, worker: 1}
                  - {type: checking-sink, worker: 1}
                """);
        try (FunctionRegistry functions = FunctionRegistry.open();
                ChainRun run = new Launcher()
                        .launch(
                                ChainDescriptor.read(file).resolve(functions, List.of()),
                                new LaunchOptions(functions, Optional.empty()))) {
            long[] workers = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("worker-"))
                    .mapToLong(Thread::threadId)
                    .toArray();
            assertTrue(workers.length >= 2, "the workers' threads");
            awaitConsumed(run, 2_000_000);
            double perPacket = Double.MAX_VALUE;
            for (int window = 0; window < WINDOWS && perPacket >= BYTES_PER_PACKET; window++) {
                perPacket = measure(run, workers);
            }
            assertTrue(perPacket < BYTES_PER_PACKET, perPacket + " bytes per packet");
        }
    }

    private static double measure(ChainRun run, long[] workers) throws InterruptedException {
        long bytesBefore = allocated(workers);
        long packetsBefore = consumed(run);
        awaitConsumed(run, packetsBefore + 3_000_000);
        return (double) (allocated(workers) - bytesBefore) / (consumed(run) - packetsBefore);
    }

    private static void awaitConsumed(ChainRun run, long count) throws InterruptedException {
        while (consumed(run) < count) {
            Thread.sleep(10);
        }
    }

    private static long consumed(ChainRun run) {
        ChainSnapshot snapshot = run.snapshot();
        return snapshot.hops().getLast().consumed();
    }

    private static long allocated(long[] threads) {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(threads)) {
            sum += bytes;
        }
        return sum;
    }
}
