// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.util.List;

/**
 * What a probe has seen since it was asked last.
 *
 * @param tap of a tap
 * @param fragments of a trace
 */
public record ProbeReply(TapChunk tap, List<TraceFragment> fragments) {
    /** Nothing. */
    public static final ProbeReply NOTHING = new ProbeReply(TapChunk.NONE, List.of());
}
