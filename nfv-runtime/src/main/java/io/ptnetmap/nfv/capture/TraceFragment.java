// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import java.util.List;

/**
 * What one part of a chain has seen of a packet, without a break.
 *
 * @param head whether the packet was looked out for and found here; else it came in marked by another part, or after a break
 * @param startNanos when it was first seen here, nanoseconds since the epoch by this part's clock
 * @param steps at least one
 * @param end what became of it
 * @param edition the {@linkplain TraceSpec#edition shape of the chain} in which the part has seen this
 */
public record TraceFragment(boolean head, long startNanos, List<Step> steps, End end, int edition) {
    /** How long a part waits to see a packet again before it tells what it has seen of it. */
    public static final long TOLD_WITHIN_NANOS = 200_000_000;

    /** What became of a packet, as far as a part can see. */
    public enum End {
        /** It went onto a link, and has not been seen here since. */
        UNSEEN,
        DROPPED,
        CONSUMED,
        /** It has left the chain. */
        LEFT
    }

    /**
     * A function's work on the packet.
     *
     * @param function its name
     * @param process where it runs, as in the accounts
     * @param worker thread in its process
     * @param reverse whether the packet came in at the function's {@code out} side
     * @param enteredNanos when the batch came in, by {@link System#nanoTime}
     * @param nanos that the function took for the batch
     * @param batch packets of it
     * @param cause of the drop; empty if there was none
     * @param before the packet as it came in, at most its first buffer; nothing if it was created here
     * @param after as it was left
     * @param lengthBefore of the whole packet
     * @param lengthAfter of the whole packet
     */
    public record Step(
            String function,
            String process,
            int worker,
            boolean reverse,
            long enteredNanos,
            long nanos,
            int batch,
            Verdict verdict,
            String cause,
            byte[] before,
            byte[] after,
            int lengthBefore,
            int lengthAfter) {}
}
