// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.engine.StateTaken;
import java.time.Duration;
import java.util.Optional;

/**
 * Has a part in another process take down what a function knows; said again, it asks how far that has got.
 *
 * @param number tells orders apart
 * @param function whose state it is about
 * @param file that it is to be in, when it is complete, as the part knows it
 * @param patienceNanos how long this may take without hurry
 */
record StateOrder(long number, String function, String file, long patienceNanos) {
    static StateOrder of(long number, String function, String file, Duration patience) {
        return new StateOrder(number, function, file, patience.toNanos());
    }

    Duration patience() {
        return Duration.ofNanos(patienceNanos);
    }

    /**
     * How far that has got.
     *
     * @param done whether it has come to an end
     * @param error why it failed; empty if it did not
     * @param taken what is in the file; empty where nothing is to be had at present
     */
    record Progress(boolean done, String error, Optional<StateTaken> taken) {
        static final Progress UNDER_WAY = new Progress(false, "", Optional.empty());
    }
}
