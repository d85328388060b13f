// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.util.Optional;

/**
 * Asks a part of a chain for what it has seen. A probe that the part does not know it begins then, so one that a process has taken
 * with it goes on in the next.
 *
 * @param id of the probe, chosen by whoever asks
 * @param tap what is to be captured, if it is a tap
 * @param trace what is to be followed, if it is a trace
 * @param afterwards what is to be followed from the moment on at which the part commits the change that is being made of it, if
 *     there is one
 * @param last whether the probe is to end
 */
public record ProbeRequest(
        long id, Optional<TapSpec> tap, Optional<TraceSpec> trace, Optional<TraceSpec> afterwards, boolean last) {}
