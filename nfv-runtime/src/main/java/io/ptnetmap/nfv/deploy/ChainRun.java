// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TraceOptions;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
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

    /** How long sampled packets took on links, in functions and through the chain. */
    default Latency latency() {
        return Latency.NONE;
    }

    /** What the functions {@linkplain io.ptnetmap.nfv.api.NetworkFunction#report report}, by instance name. */
    Map<String, Map<String, Object>> reports();

    /**
     * Captures what passes a hop, both ways, while packets flow; without taps, looking costs nothing.
     *
     * @param hop any link, also a plain call, by the names of the functions or ports at its ends: {@code FROM..TO}, in the chain's
     *     order; of functions in parallel, one
     * @throws ChainRequestException if the chain has no such hop
     * @throws io.ptnetmap.capture.PacketFilterException if the filter is none
     * @throws io.ptnetmap.capture.CaptureException if libpcap, which compiles it, is not installed
     */
    default PacketTap tap(String hop, TapOptions options) {
        throw new ChainRequestException("this chain cannot be looked into");
    }

    /**
     * Follows single packets through the functions, and tells what each does to them.
     *
     * @throws ChainRequestException if packets are to be looked out for at a function that the chain has not, or has in parallel to
     *     others
     * @throws io.ptnetmap.capture.PacketFilterException if the filter is none
     * @throws io.ptnetmap.capture.CaptureException if libpcap, which compiles it, is not installed
     */
    default PacketTracer trace(TraceOptions options) {
        throw new ChainRequestException("this chain cannot be looked into");
    }

    /** Whether functions and processes do their work, and what has gone wrong in them. */
    default ChainHealth health() {
        return ChainHealth.NONE;
    }

    /**
     * Has a new instance take the place of a function that is in quarantine because it failed too often; one that is not stays as
     * it is. What the old one knew is lost, but for what is kept of it.
     *
     * @throws ChainRequestException if there is no such function, or the new one cannot be made or started: the quarantine goes on
     */
    default void restore(String function) {
        throw new ChainRequestException("no function '" + function + "' in this chain");
    }

    /** What is kept of the functions' states for after a crash, by function. */
    default Map<String, KeptState> keptStates() {
        return Map.of();
    }

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
     * <p>A process that dies, or does not answer for 10 s, before the change is decided on has it refused; one that dies later is started
     * again in {@code target}, and the report {@linkplain ChangeReport#mishaps tells}.
     *
     * @throws ChangeRefusedException if it cannot be made; all is as before then
     * @throws ChainFailedException if the chain has failed, or fails over it
     */
    default ChangeReport change(Chain target) {
        ChangePlan.Obstacle obstacle = plan(target).obstacles().getFirst();
        throw new ChangeRefusedException(obstacle.node(), obstacle.field(), obstacle.reason());
    }

    /**
     * Tells that the chain is likely to be changed. What makes the first change in a process slow, code that has never run, is then
     * done away with in the background, some seconds after the first chain has started.
     */
    default void expectChanges() {}

    /** Ends the chain at once where it still runs, and releases its ports, threads and processes. */
    @Override
    void close();
}
