// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.replay;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.tools.Idle;
import io.ptnetmap.nfv.tools.Quantity;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolException;
import io.ptnetmap.nfv.tools.ToolLimits;
import io.ptnetmap.nfv.tools.ToolPorts;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * netmap's nmreplay: sends the packets of a capture file as they would leave a link of some bandwidth, delay and loss, if they
 * entered it as fast as it takes them, or in the file's own rhythm.
 *
 * <p>When a packet is due follows from the file and the link alone: from the end of the one before it, its own length, and its
 * delay; never before its predecessor, so that order is kept. What is sent late does not shift what follows. Reads the file while it
 * sends; one thread.
 */
public final class Replayer {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long SPIN_NANOS = 80_000;
    private static final long NAP_NANOS = 50_000_000;
    private static final long FLUSH_NANOS = 1_000_000_000;

    private final Settings settings;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Idle idle = new Idle();
    private final SplittableRandom random = new SplittableRandom(1);

    /** Ends of what has been scheduled, in nanoseconds from the start: of the link's occupation, and at its far end. */
    private double linkFree;

    private long lastDue;

    private long read;
    private long bytes;
    private long lost;
    private double expectedLoss;
    private long sent;
    private long sentBytes;
    private long skipped;
    private long maxLateNanos;
    private long reportAt = NANOS_PER_SECOND;
    private long reportedSent;
    private long reportedRead;

    /**
     * What to replay, and how.
     *
     * @param file capture
     * @param port output
     * @param burst most packets sent between two syncs
     * @param waitSeconds for the link, before the start
     * @param cpu processor to run on, -1 = any
     * @param bandwidth of the link
     * @param delay of the link
     * @param loss of the link
     */
    public record Settings(
            Path file, String port, int burst, int waitSeconds, int cpu, Bandwidth bandwidth, Delay delay, Loss loss) {
        /** @throws ToolException if it cannot be done */
        public Settings {
            ToolLimits.requireBurst(burst);
            ToolLimits.requireWait(waitSeconds);
        }
    }

    /**
     * @param out gets the summary
     * @param err gets reports, once a second
     */
    public Replayer(Settings settings, PrintWriter out, PrintWriter err) {
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    /**
     * Sends all of the file, or until {@code stop}.
     *
     * @throws io.ptnetmap.NetmapException if the port cannot be opened, or fails
     * @throws io.ptnetmap.capture.CaptureException if the file cannot be read, or is corrupt; what came before has been sent
     */
    public void run(Netmap netmap, StopSignal stop) {
        try (CaptureReader reader = CaptureReader.open(settings.file());
                NetmapPort port = ToolPorts.open(netmap, settings.port())) {
            if (port.txRings().isEmpty()) {
                throw new ToolException(settings.port() + " has no transmit ring: open it without /R");
            }
            if (settings.cpu() >= 0) {
                Linux.pinThread(settings.cpu());
            }
            sleep(settings.waitSeconds() * NANOS_PER_SECOND, stop);
            replay(reader, port, stop);
        }
    }

    private static void sleep(long nanos, StopSignal stop) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !stop.requested(); left = end - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(NAP_NANOS, left));
        }
    }

    private void replay(CaptureReader reader, NetmapPort port, StopSignal stop) {
        TxRing tx = port.txRing(0);
        long start = System.nanoTime();
        long before = 0;
        int unsynced = 0;
        try {
            while (!stop.requested() && reader.next()) {
                long timestamp = reader.timestampNanos();
                long gap = read == 0 ? 0 : timestamp - before;
                before = timestamp;
                read++;
                bytes += reader.length();
                double probability = settings.loss().probability(reader.length());
                expectedLoss += probability;
                long due = due(reader.length(), gap);
                if (random.nextDouble() < probability) {
                    lost++;
                    continue;
                }
                lastDue = Math.max(lastDue, due);
                if (System.nanoTime() - start < lastDue || unsynced >= settings.burst()) {
                    tx.sync();
                    unsynced = 0;
                    await(start, lastDue, stop);
                }
                maxLateNanos = Math.max(maxLateNanos, System.nanoTime() - start - lastDue);
                put(reader, port, tx, stop);
                unsynced++;
            }
            flush(tx, stop);
            summarise(System.nanoTime() - start);
        } catch (RuntimeException failure) {
            flush(tx, stop);
            summarise(System.nanoTime() - start);
            throw failure;
        }
    }

    /** When a packet is at the far end, in nanoseconds from the start. */
    private long due(int length, long gap) {
        linkFree += settings.bandwidth().busyNanos(length, gap);
        return (long) (linkFree + settings.delay().nanos(random));
    }

    private void await(long start, long due, StopSignal stop) {
        while (!stop.requested()) {
            long now = System.nanoTime() - start;
            report(now);
            long left = due - now;
            if (left <= 0) {
                return;
            }
            if (left > SPIN_NANOS) {
                LockSupport.parkNanos(Math.min(NAP_NANOS, left - SPIN_NANOS));
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private void put(CaptureReader reader, NetmapPort port, TxRing tx, StopSignal stop) {
        int size = tx.bufferSize();
        int fragments = Math.max(1, Math.ceilDiv(reader.length(), size));
        if (fragments > Math.min(NetmapSlot.NETMAP_MAX_FRAGS, tx.slots() - 1) || reader.length() == 0) {
            skipped++;
            return;
        }
        while (tx.available() < fragments && !stop.requested()) {
            tx.sync();
            if (tx.available() < fragments) {
                tx.wakeAfter(tx.available());
                idle.rest(port, Linux.POLLOUT);
            }
        }
        if (stop.requested()) {
            return;
        }
        idle.over();
        int slot = tx.head();
        for (int i = 0, done = 0; i < fragments; i++, slot = tx.next(slot)) {
            int part = Math.min(size, reader.length() - done);
            reader.copyTo(done, tx.bufferAddress(slot), part);
            done += part;
            tx.length(slot, part, i + 1 < fragments ? NetmapSlot.NS_MOREFRAG : 0);
            tx.ptr(slot, 0);
        }
        tx.advance(fragments);
        sent++;
        sentBytes += reader.length();
    }

    /** Waits until all has left the ring, as long as something does. */
    private static void flush(TxRing tx, StopSignal stop) {
        int before = Integer.MAX_VALUE;
        long since = System.nanoTime();
        while (true) {
            tx.sync();
            long now = System.nanoTime();
            if (tx.pending() < before) {
                before = tx.pending();
                since = now;
            }
            if (tx.drained() || stop.requested() || now - since > FLUSH_NANOS) {
                return;
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private void report(long now) {
        if (now < reportAt) {
            return;
        }
        err.println((read - reportedRead) + " -> " + (sent - reportedSent) + " packets, total " + sent + ", lost "
                + lost + ", latest by " + maxLateNanos / 1000 + " us");
        err.flush();
        reportedRead = read;
        reportedSent = sent;
        maxLateNanos = 0;
        reportAt = now - now % NANOS_PER_SECOND + NANOS_PER_SECOND;
    }

    private void summarise(long nanos) {
        double seconds = nanos / (double) NANOS_PER_SECOND;
        out.printf(
                Locale.ROOT,
                "Read %d packets %d bytes, sent %d packets %d bytes in %.3f seconds, %s %s.%n",
                read,
                bytes,
                sent,
                sentBytes,
                seconds,
                Quantity.of(sent / seconds, "pps", false),
                Quantity.of(sentBytes * Byte.SIZE / seconds, "bps", false));
        out.printf(
                Locale.ROOT,
                "Loss: nominal %.6f, actual %.6f (%d packets)%s%n",
                read == 0 ? 0 : expectedLoss / read,
                read == 0 ? 0 : (double) lost / read,
                lost,
                skipped == 0 ? "" : "; " + skipped + " left out, they do not fit the ring");
        out.flush();
    }
}
