// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.capture.CaptureException;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.nio.file.Path;

/**
 * The packets of a capture file, as fast as they are taken, each with its timestamp in {@code ptr}. Packets that need more slots
 * than a packet may have, or the ring has, are dropped. Where the file turns out to be corrupt the packets before that place come
 * first.
 */
final class CaptureSource implements Device {
    private final Path file;
    private final CaptureReader reader;
    private boolean ended;
    private String problem = "";
    private volatile long received;
    private volatile long dropped;

    CaptureSource(Path file) {
        this.file = file;
        try {
            reader = CaptureReader.open(file);
        } catch (CaptureException unreadable) {
            throw new LinuxException("open", Errno.ENOENT, unreadable.getMessage());
        }
        advance();
    }

    private void advance() {
        try {
            ended = !reader.next();
        } catch (CaptureException corrupt) {
            ended = true;
            problem = corrupt.getMessage();
        }
    }

    @Override
    public void transmit(AdapterRing ring, int head) {
        throw new IllegalStateException("a capture file that is read has no transmit ring");
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    public void receive(AdapterRing ring) {
        int room = ring.room();
        if (ended && !problem.isEmpty() && room == ring.slots - 1) {
            throw new LinuxException("read " + file, Errno.EIO, problem);
        }
        long count = 0;
        while (!ended) {
            int fragments = Math.max(1, Math.ceilDiv(reader.length(), ring.bufferSize));
            if (fragments > Math.min(NetmapSlot.NETMAP_MAX_FRAGS, ring.slots - 1)) {
                dropped++;
            } else if (fragments > room) {
                break;
            } else if (put(ring, fragments)) {
                room -= fragments;
                count++;
            } else {
                dropped++;
            }
            advance();
        }
        received += count;
    }

    /** False where a slot names no buffer. */
    private boolean put(AdapterRing ring, int fragments) {
        int slot = ring.hwtail;
        int done = 0;
        for (int i = 0; i < fragments; i++, slot = ring.next(slot)) {
            long descriptor = ring.descriptor(slot);
            if (!ring.valid(NetmapSlot.descriptor(NetmapSlot.bufIdx(descriptor), 0, 0))) {
                return false;
            }
            int length = Math.min(ring.bufferSize, reader.length() - done);
            reader.copyTo(done, ring.bufferAddress(descriptor), length);
            done += length;
            ring.received(slot, descriptor, length, i + 1 < fragments, reader.timestampNanos());
        }
        ring.hwtail = slot;
        return true;
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public PortCounters counters() {
        return new PortCounters(received, dropped, 0, 0);
    }

    @Override
    public void close() {
        reader.close();
    }
}
