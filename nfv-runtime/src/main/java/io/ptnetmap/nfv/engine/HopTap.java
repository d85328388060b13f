// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Ring;
import io.ptnetmap.capture.PacketFilter;
import io.ptnetmap.nfv.api.Counter;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.capture.TapChunk;
import io.ptnetmap.nfv.capture.TapRing;
import io.ptnetmap.nfv.capture.TapSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Captures what passes a hop, as far as the functions at its ends run in this process: what comes in at the function behind, and
 * in the reverse direction at the function before. Each way is written by the worker of the function where it arrives.
 */
final class HopTap {
    private final PacketFilter filter;
    private final int snaplen;
    private final long most;
    private final WallClock clock = new WallClock();
    private final Way forward;
    private final Way backward;

    HopTap(TapSpec spec) {
        filter = PacketFilter.of(spec.filter());
        snaplen = spec.snaplen();
        most = spec.count() == 0 ? Long.MAX_VALUE : spec.count();
        forward = new Way(spec.to(), Side.IN, new TapRing(spec.ringBytes()));
        backward = new Way(spec.from(), Side.OUT, new TapRing(spec.ringBytes()));
    }

    /** One way over the hop. */
    private final class Way implements Probe {
        private final String receiver;
        private final Side side;
        private final TapRing ring;
        private final Counter passed = new Counter("passed", "Packets that have passed");
        private final Counter accepted = new Counter("accepted", "Packets that the filter wanted");

        Way(String receiver, Side side, TapRing ring) {
            this.receiver = receiver;
            this.side = side;
            this.ring = ring;
        }

        @Override
        public void before(Instance instance, Batch batch) {
            if (batch.side() == side && batch.size() != 0 && instance.name().equals(receiver)) {
                capture(batch);
            }
        }

        private void capture(Batch batch) {
            long now = clock.epochNanos(System.nanoTime());
            int wanted = 0;
            for (int i = 0; i < batch.size(); i++) {
                Ring home = batch.home(i);
                int slot = batch.slot(i);
                if (accepted.value() + wanted - ring.dropped() < most
                        && filter.matches(home.bufferAddress(slot), home.length(slot), batch.length(i))) {
                    wanted++;
                    copy(batch, i, now);
                }
            }
            passed.add(batch.size());
            accepted.add(wanted);
        }

        private void copy(Batch batch, int index, long now) {
            int length = batch.length(index);
            if (!ring.begin(Math.min(length, snaplen), length, now)) {
                return;
            }
            Ring home = batch.home(index);
            int slot = batch.slot(index);
            for (int i = 0; i < batch.fragments(index); i++) {
                ring.append(home.bufferAddress(slot), home.length(slot));
                slot = home.next(slot);
            }
            ring.end();
        }

        private byte[] take() {
            ByteBuffer chunk = ByteBuffer.allocate(TapChunk.MOST_BYTES);
            while (ring.read(chunk)) {
                // Until there is none, or no room.
            }
            return Arrays.copyOf(chunk.array(), chunk.position());
        }
    }

    /** What sees the packets of a worker. */
    Probe forward() {
        return forward;
    }

    /** What sees those in the reverse direction. */
    Probe backward() {
        return backward;
    }

    /** What there is since the last time. For one reader. */
    TapChunk take() {
        return new TapChunk(
                forward.take(),
                backward.take(),
                forward.passed.value() + backward.passed.value(),
                forward.accepted.value() + backward.accepted.value(),
                forward.ring.dropped() + backward.ring.dropped());
    }
}
