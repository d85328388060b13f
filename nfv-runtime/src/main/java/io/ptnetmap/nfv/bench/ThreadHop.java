// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.nfv.engine.LinkHarness;
import java.util.concurrent.CompletableFuture;

/** The link between two threads by itself, with each thread on a processor of its own. */
final class ThreadHop implements AutoCloseable {
    private final LinkHarness link = new LinkHarness();
    private final PinnedThread sending = new PinnedThread(Machine.pair().getFirst());
    private final PinnedThread receiving = new PinnedThread(Machine.pair().getLast());
    private long next;

    /**
     * Sends packets over.
     *
     * @param batch packets sent at once, at most 256
     * @return nanoseconds from before the first is sent to after the last has been received
     * @throws BenchException if one is lost or changed
     */
    long run(long packets, int batch) {
        long first = next;
        next += packets;
        CompletableFuture<Long> end = receiving.start(() -> receive(first, next));
        CompletableFuture<Long> start = sending.start(() -> send(first, next, batch));
        return PinnedThread.result(end) - PinnedThread.result(start);
    }

    private long send(long first, long end, int batch) {
        long start = System.nanoTime();
        for (long number = first; number < end; number += batch) {
            link.send(number, (int) Math.min(batch, end - number));
        }
        return start;
    }

    private long receive(long first, long end) {
        Patience patience = new Patience();
        long number = first;
        while (number < end) {
            int count = link.receive(number);
            if (count < 0) {
                throw new BenchException("packets were lost or changed on the link between two threads");
            }
            if (count == 0) {
                patience.rest();
            } else {
                patience.over();
            }
            number += count;
        }
        return System.nanoTime();
    }

    @Override
    public void close() {
        sending.close();
        receiving.close();
        link.close();
    }
}
