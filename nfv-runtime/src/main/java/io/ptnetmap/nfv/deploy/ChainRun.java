// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A chain that runs. Thread-safe. */
public interface ChainRun extends AutoCloseable {
    /** The accounts now. */
    ChainSnapshot snapshot();

    /**
     * Waits until the chain has ended by itself: its sources are exhausted and all packets have arrived.
     *
     * @return false on timeout
     * @throws ChainFailedException if a function or a process of the chain has failed for good
     */
    boolean await(Duration timeout) throws InterruptedException;

    /** Stops the sources, lets all packets arrive (for at most {@code timeout}) and ends the chain. */
    void drain(Duration timeout) throws InterruptedException;

    /** When the first packet came to the chain's last function or port, to a few milliseconds; empty as long as none has. */
    Optional<Instant> firstPacket();

    /** Whether every packet is accounted for. Meaningful once the chain has ended. */
    Conservation conservation();

    /** Where the time of the workers has gone, as far as it was {@linkplain LaunchOptions.Profile taken}. */
    TimeUse timeUse();

    /** What the functions {@linkplain io.ptnetmap.nfv.api.NetworkFunction#report report}, by instance name. */
    Map<String, Map<String, Object>> reports();

    /** Ends the chain at once where it still runs, and releases its ports, threads and processes. */
    @Override
    void close();
}
