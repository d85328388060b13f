// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureWriter;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A capture file that packets are written into, pcap with nanoseconds, or pcapng if its name says so. A packet's timestamp is that
 * of its slot, or else the time of the sync. What has been written reaches the file when its user sleeps, a tenth of a second later at most.
 */
final class CaptureOutput implements Device {
    private static final long FLUSH_NANOS = 100_000_000;

    private final Path file;
    private final CaptureWriter writer;
    /** Of the epoch's clock to {@link System#nanoTime}. */
    private final long offset = ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now()) - System.nanoTime();

    /** Of the packet at hand: read once, checked and then used, since others can write into the ring. */
    private final long[] descriptors = new long[NetmapSlot.NETMAP_MAX_FRAGS];

    private long flushed = System.nanoTime();
    private boolean pending;
    private volatile long written;
    private volatile long dropped;

    CaptureOutput(Path file, int snaplen) {
        this.file = file;
        CaptureFormat format = file.toString().endsWith(".pcapng") ? CaptureFormat.PCAPNG : CaptureFormat.PCAP;
        try {
            writer = CaptureWriter.create(file, format, TimestampPrecision.NANO, snaplen);
        } catch (CaptureException unwritable) {
            throw new LinuxException(
                    "open",
                    unwritable.getCause() instanceof NoSuchFileException ? Errno.ENOENT : Errno.EACCES,
                    unwritable.getMessage());
        }
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    public void transmit(AdapterRing ring, int head) {
        if (ring.hwcur == head) {
            return;
        }
        long now = System.nanoTime();
        try {
            while (ring.hwcur != head) {
                int fragments = ring.fragments(ring.hwcur, head);
                if (fragments == 0) {
                    break;
                }
                if (write(ring, fragments, now + offset)) {
                    written++;
                } else {
                    dropped++;
                }
                ring.hwcur = ring.plus(ring.hwcur, fragments);
            }
            pending = true;
            if (now - flushed > FLUSH_NANOS) {
                flush(now);
            }
        } catch (CaptureException failure) {
            throw new LinuxException("write " + file, Errno.EIO, failure.getMessage());
        }
    }

    private void flush(long now) {
        writer.flush();
        pending = false;
        flushed = now;
    }

    private boolean write(AdapterRing ring, int fragments, long now) {
        if (fragments > NetmapSlot.NETMAP_MAX_FRAGS) {
            return false;
        }
        int total = 0;
        boolean good = true;
        long timestamp = ring.timestamp(ring.hwcur);
        for (int i = 0, slot = ring.hwcur; i < fragments; i++, slot = ring.next(slot)) {
            descriptors[i] = ring.descriptor(slot);
            good &= ring.valid(descriptors[i]);
            total += NetmapSlot.len(descriptors[i]);
            ring.clearTimestamp(slot);
        }
        if (!good || total == 0) {
            return false;
        }
        writer.begin(total, total, timestamp == 0 ? now : timestamp);
        for (int i = 0; i < fragments; i++) {
            writer.append(ring.bufferAddress(descriptors[i]), NetmapSlot.len(descriptors[i]));
        }
        writer.end();
        return true;
    }

    @Override
    public void receive(AdapterRing ring) {
        throw new IllegalStateException("a capture file that is written has no receive ring");
    }

    @Override
    public void settle() {
        if (pending) {
            try {
                flush(System.nanoTime());
            } catch (CaptureException failure) {
                throw new LinuxException("write " + file, Errno.EIO, failure.getMessage());
            }
        }
    }

    @Override
    public PortCounters counters() {
        return new PortCounters(0, 0, written, dropped);
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (CaptureException failure) {
            throw new LinuxException("close " + file, Errno.EIO, failure.getMessage());
        }
    }
}
