// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

/** What one thread has done: written by it, once per batch, and read by others at any time. */
final class Meter {
    private volatile long packets;
    private volatile long bytes;
    private volatile long batches;
    private volatile int minSpace = Integer.MAX_VALUE;
    private volatile long startNanos;
    private volatile long endNanos;

    /** The first packet may go or come now. */
    void start(long nowNanos) {
        startNanos = nowNanos;
    }

    boolean startUnknown() {
        return startNanos == 0;
    }

    void end(long nowNanos) {
        endNanos = nowNanos;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    void batch(long morePackets, long moreBytes, int space) {
        packets += morePackets;
        bytes += moreBytes;
        batches++;
        if (space < minSpace) {
            minSpace = space;
        }
    }

    /** Several meters added up. */
    static Reading sum(Iterable<Meter> meters) {
        long packets = 0;
        long bytes = 0;
        long batches = 0;
        int minSpace = Integer.MAX_VALUE;
        long start = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        for (Meter meter : meters) {
            packets += meter.packets;
            bytes += meter.bytes;
            batches += meter.batches;
            minSpace = Math.min(minSpace, meter.minSpace);
            meter.minSpace = Integer.MAX_VALUE;
            if (meter.startNanos != 0) {
                start = Math.min(start, meter.startNanos);
                end = Math.max(end, meter.endNanos);
            }
        }
        return new Reading(
                packets, bytes, batches, minSpace == Integer.MAX_VALUE ? 0 : minSpace, Math.max(0, end - start));
    }

    /**
     * What meters say.
     *
     * @param packets so far
     * @param bytes of them
     * @param batches in which they went
     * @param minSpace least room, or fewest waiting packets, of a ring since the last reading, in slots
     * @param nanos from the start of the first to the end of the last, where they have ended
     */
    record Reading(long packets, long bytes, long batches, int minSpace, long nanos) {
        static final Reading NOTHING = new Reading(0, 0, 0, 0, 0);

        double averageBatch() {
            return batches == 0 ? 0 : (double) packets / batches;
        }
    }
}
