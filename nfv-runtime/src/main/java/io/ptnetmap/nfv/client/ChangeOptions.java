// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.client;

import java.time.Duration;
import java.util.Optional;

/**
 * Under which conditions something is changed.
 *
 * @param waitTime how long the node's answer waits for the operation's end, in whole seconds; at most a minute
 * @param ifVersion change it only if it is still this version, of {@link Versioned#version}
 * @param ifAbsent create it only: refuse where there is one of that name
 * @param start whether a new chain is started
 * @param idempotencyKey by which the node knows a repetition of the request; without one, each call has a new one
 */
public record ChangeOptions(
        Duration waitTime,
        Optional<String> ifVersion,
        boolean ifAbsent,
        boolean start,
        Optional<String> idempotencyKey) {
    /** At once, whatever the version; new chains are started. */
    public static final ChangeOptions DEFAULT =
            new ChangeOptions(Duration.ZERO, Optional.empty(), false, true, Optional.empty());

    /** The same, answered when the operation has ended or this time is over. */
    public ChangeOptions waiting(Duration time) {
        return new ChangeOptions(time, ifVersion, ifAbsent, start, idempotencyKey);
    }

    /** The same, on condition that it is still this version. */
    public ChangeOptions onlyIf(String version) {
        return new ChangeOptions(waitTime, Optional.of(version), ifAbsent, start, idempotencyKey);
    }

    /** The same, on condition that there is none yet. */
    public ChangeOptions onlyIfAbsent() {
        return new ChangeOptions(waitTime, ifVersion, true, start, idempotencyKey);
    }

    /** The same, but a new chain is not started. */
    public ChangeOptions withoutStart() {
        return new ChangeOptions(waitTime, ifVersion, ifAbsent, false, idempotencyKey);
    }

    /** The same under a key of the caller's, so that also a later call is known as a repetition. */
    public ChangeOptions withKey(String key) {
        return new ChangeOptions(waitTime, ifVersion, ifAbsent, start, Optional.of(key));
    }
}
