// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.StateTaken;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The part of a chain that runs in one process, this one or another. Thread-safe. */
interface ChainPart extends AutoCloseable {
    /** What people and other parts call it: name of the function that it is the process of, for example. */
    String place();

    /** What clock its times are by: this machine's, or another one. Times of parts that say the same can be compared. */
    default String clock() {
        return "";
    }

    /** Lets packets flow. */
    void start();

    /** @throws ChainFailedException if the part has failed for good */
    Engine.Status status();

    /** The accounts of the part's functions. */
    List<ChainSnapshot.Hop> hops();

    Conservation conservation();

    /**
     * The same, exact while packets flow: see {@link Engine#books}. For changes, so it is to be told promptly.
     *
     * @throws ChainFailedException if a function does not come to the end of its batch
     */
    Conservation books();

    TimeUse timeUse();

    Map<String, Map<String, Object>> reports();

    /** How long sampled packets took, as far as they passed this part. */
    Latency latency();

    /** What has gone wrong in it. */
    ChainHealth health();

    /** What a probe has seen since it was asked last. */
    ProbeReply probe(ProbeRequest request);

    /**
     * Ends the quarantine of a function, if it is in one.
     *
     * @throws ChainRequestException if the function cannot be made or started anew
     */
    void restore(String function);

    /** Has the part make its share of a change ready; whether and why not, the answer tells. */
    ChangeState prepare(Chain target, LinkIds ids);

    /**
     * Has it go on with its share of a change; whether and why not, the answer tells. A process that does not answer within the
     * {@linkplain ChangeOrder.Step#limit limit} is ended, as if it had died.
     */
    ChangeState change(ChangeOrder order);

    /**
     * Takes down what a function of the part knows, while it goes on: see {@link Engine#takeState}.
     *
     * @return empty where that is not to be had at present: what is in {@code out} is worth nothing then
     */
    Optional<StateTaken> takeState(String function, OutputStream out, Duration patience)
            throws IOException, InterruptedException;

    /** How long to wait in a change for what this part does, where a process on this machine may take that long. */
    default Duration patience(Duration usual) {
        return usual;
    }

    /** A change begins that the part has a share in: if it dies, it is not started again before the change's end. */
    default void changing() {}

    /** The change is over. */
    default void changed() {}

    void stopSources();

    /** Stops the functions; accounts and reports can still be read. */
    void stop();

    @Override
    void close();
}
