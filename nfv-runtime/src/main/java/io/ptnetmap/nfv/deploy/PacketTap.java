// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.capture.PcapngStream;
import io.ptnetmap.capture.PcapngStream.Direction;
import io.ptnetmap.nfv.capture.TapChunk;
import io.ptnetmap.nfv.capture.TapOptions;
import io.ptnetmap.nfv.capture.TapReader;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A live capture of what passes a hop of a chain. It goes on from when it was opened until it is {@linkplain #close closed}, which any
 * thread may do, the chain has ended, or it has as many packets as it was to have. Packets wait in a ring for {@link #writeTo}; those
 * for which there is no room are counted, and delay nobody.
 */
public final class PacketTap implements AutoCloseable {
    private static final long LOOK_MILLIS = 10;

    private final Watch watch;
    private final String hop;
    private final TapOptions options;
    private final Map<ChainPart, TapChunk> latest = new IdentityHashMap<>();
    private volatile Counts counts = new Counts(0, 0, 0, 0);

    /**
     * What a capture has come to.
     *
     * @param passed packets that have passed the hop, wanted or not
     * @param accepted packets that the filter wanted
     * @param dropped of these, packets that found no room in the ring
     * @param written packets that have been handed on
     */
    public record Counts(long passed, long accepted, long dropped, long written) {}

    PacketTap(Watch watch, String hop, TapOptions options) {
        this.watch = watch;
        this.hop = hop;
        this.options = options;
    }

    /** The hop that is looked at: {@code FROM..TO}. */
    public String hop() {
        return hop;
    }

    /** As of the last look. */
    public Counts counts() {
        return counts;
    }

    /**
     * Writes the capture as pcapng, as packets come, and closes both it and the stream. Packets towards the chain's end are inbound,
     * those in the reverse direction outbound; what was dropped stands in the interface's statistics at the end.
     *
     * @return packets written
     * @throws IOException if the stream takes no more; the capture is closed then
     */
    public long writeTo(OutputStream out) throws IOException {
        try (this;
                PcapngStream file = new PcapngStream(
                        out,
                        options.snaplen(),
                        hop,
                        "hop of a chain; inbound: towards the chain's end, outbound: in the reverse direction",
                        options.filter())) {
            boolean last;
            do {
                last = watch.isClosed() || Thread.currentThread().isInterrupted();
                if (write(file) == 0 && !last) {
                    rest();
                }
                last |= isComplete();
            } while (!last);
            file.statistics(nowNanos(), counts.passed(), counts.accepted(), counts.dropped());
            return counts.written();
        }
    }

    private boolean isComplete() {
        return options.count() != 0 && counts.written() >= options.count();
    }

    private static void rest() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static long nowNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** Writes what there is. Returns how many packets. */
    private long write(PcapngStream file) throws IOException {
        TapReader packets = new TapReader();
        for (Watch.Answer answer : watch.take()) {
            TapChunk chunk = answer.reply().tap();
            packets.add(chunk);
            // A part that has started anew counts from nothing; so has one that does not answer.
            latest.merge(answer.part(), chunk, (before, now) -> now.passed() >= before.passed() ? now : before);
        }
        long written = 0;
        while (!isComplete() && packets.next()) {
            file.packet(
                    packets.array(),
                    packets.offset(),
                    packets.captured(),
                    packets.original(),
                    packets.timestampNanos(),
                    packets.forward() ? Direction.INBOUND : Direction.OUTBOUND);
            written++;
            count(1);
        }
        count(0);
        if (written != 0) {
            file.flush();
        }
        return written;
    }

    private void count(long packets) {
        long passed = 0;
        long accepted = 0;
        long dropped = 0;
        for (TapChunk chunk : latest.values()) {
            passed += chunk.passed();
            accepted += chunk.accepted();
            dropped += chunk.dropped();
        }
        counts = new Counts(passed, accepted, dropped, counts.written() + packets);
    }

    /** Takes the probe away; what has been captured by now can still be written. */
    @Override
    public void close() {
        watch.close();
    }
}
