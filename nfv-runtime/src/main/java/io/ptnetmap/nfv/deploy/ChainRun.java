// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    /**
     * What it would take to make the chain that runs into {@code target}: functions are the same if they have the same name.
     * Changes nothing.
     */
    default ChangePlan plan(Chain target) {
        return new ChangePlan(
                List.of(),
                List.of(),
                List.of(new ChangePlan.Obstacle("", "", "this chain cannot be changed while it runs")));
    }

    /**
     * Makes the chain that runs into {@code target} while packets flow. What both have in common goes on untouched; the rest
     * is made ready first and takes effect between two batches; what functions know goes over to their successors. No packet
     * is lost, or overtakes another one of its flow. One change at a time: others wait.
     *
     * <p>Processes of functions read the chain from its {@link Chain#source}: where the change concerns any, that file has to say
     * what {@code target} is.
     *
     * @throws ChangeRefusedException if it cannot be made; all is as before then
     * @throws ChainFailedException if the chain has failed, or fails over it
     */
    default ChangeReport change(Chain target) {
        ChangePlan.Obstacle obstacle = plan(target).obstacles().getFirst();
        throw new ChangeRefusedException(obstacle.node(), obstacle.field(), obstacle.reason());
    }

    /** Ends the chain at once where it still runs, and releases its ports, threads and processes. */
    @Override
    void close();
}
