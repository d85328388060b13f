// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes when the first packet reaches the last hop of a chain. It looks at the accounts every millisecond at first, so that
 * the data path need not know; the longer none comes, the less often.
 */
final class FirstPacket {
    private static final Logger LOG = LoggerFactory.getLogger(FirstPacket.class);
    private static final long LOOK_MILLIS = 1;
    /** The part of the time that may pass between two looks, and with it the error at most. */
    private static final long PRECISION = 100;

    private final String lastHop;
    private final List<? extends ChainPart> parts;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Optional<Instant> seen = Optional.empty();

    /**
     * Begins to look.
     *
     * @param lastHop name of the chain's last function or port
     * @param parts of the chain, the one that has it among them
     */
    FirstPacket(String lastHop, List<? extends ChainPart> parts) {
        this.lastHop = lastHop;
        this.parts = parts;
        this.thread = Thread.ofPlatform().daemon().name("first-packet").start(this::look);
    }

    Optional<Instant> seen() {
        return seen;
    }

    /** Looks no more. The parts must be open until it returns. */
    void stop() {
        stopped.countDown();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        long began = System.nanoTime();
        try {
            ChainPart part = partOfLastHop();
            long wait = 0;
            while (!stopped.await(wait, TimeUnit.MILLISECONDS)) {
                if (part.hops().stream().anyMatch(this::isReached)) {
                    seen = Optional.of(Instant.now());
                    return;
                }
                wait = Math.max(LOOK_MILLIS, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) / PRECISION);
            }
        } catch (InterruptedException | ChainFailedException noneComes) {
            LOG.debug("the chain's first packet is no longer waited for", noneComes);
        }
    }

    private ChainPart partOfLastHop() {
        return parts.stream()
                .filter(part -> part.hops().stream().anyMatch(this::isLast))
                .findFirst()
                .orElseThrow(() -> new ChainFailedException("no part has " + lastHop));
    }

    private boolean isLast(Hop hop) {
        return hop.name().equals(lastHop);
    }

    private boolean isReached(Hop hop) {
        return isLast(hop) && hop.received() != 0;
    }
}
