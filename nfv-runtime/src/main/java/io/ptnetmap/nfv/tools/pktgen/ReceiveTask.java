// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.RxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.nfv.tools.Idle;
import io.ptnetmap.nfv.tools.StopSignal;
import java.util.Optional;

/** Receives from all rings of its port. */
final class ReceiveTask extends Task {
    private static final long IDLE_END_NANOS = 1_000_000_000;

    private final Optional<PacketDump> dump;
    private final Optional<SequenceCheck> check;
    private final Idle idle = new Idle();

    private long packets;
    private long bytes;

    ReceiveTask(
            GeneratorConfig config,
            NetmapPort port,
            StopSignal stop,
            long share,
            Optional<PacketDump> dump,
            Optional<SequenceCheck> check) {
        super(config, port, stop, share);
        this.dump = dump;
        this.check = check;
    }

    @Override
    public void run() {
        long received = 0;
        long last = 0;
        boolean ended = false;
        while (received < share && !stop.requested() && !ended) {
            int moved = receive(share - received);
            received += packets;
            if (moved != 0) {
                idle.over();
                last = config.endWhenIdle() ? System.nanoTime() : last;
                continue;
            }
            ended = Idle.ended(idle.rest(port, Linux.POLLIN))
                    || config.endWhenIdle() && last != 0 && System.nanoTime() - last > IDLE_END_NANOS;
        }
        if (config.endWhenIdle() && last != 0) {
            meter.end(last);
        } else {
            meter.end(System.nanoTime());
        }
        port.sync();
    }

    /** One round of the rings. Returns how many slots there were; {@link #packets} has the packets that ended in them. */
    private int receive(long most) {
        packets = 0;
        bytes = 0;
        int slots = 0;
        int space = 0;
        for (int i = 0; i < port.rxRings().size(); i++) {
            RxRing ring = port.rxRing(i);
            ring.sync();
            space = Math.max(space, ring.available());
            slots += take(ring, (int) Math.min(Math.min(config.load().burst(), ring.available()), most - packets));
        }
        if (slots != 0) {
            if (meter.startUnknown()) {
                meter.start(System.nanoTime());
            }
            meter.batch(packets, bytes + (config.reports().framing() ? packets * GeneratorConfig.FRAMING : 0), space);
        }
        return slots;
    }

    private int take(RxRing ring, int count) {
        if (dump.isPresent() || check.isPresent()) {
            look(ring, count);
        }
        long whole = 0;
        long sum = 0;
        for (int i = 0, slot = ring.head(); i < count; i++, slot = ring.next(slot)) {
            long descriptor = ring.descriptor(slot);
            sum += NetmapSlot.len(descriptor);
            whole += (NetmapSlot.flags(descriptor) & NetmapSlot.NS_MOREFRAG) == 0 ? 1 : 0;
        }
        packets += whole;
        bytes += sum;
        ring.advance(count);
        return count;
    }

    private void look(RxRing ring, int count) {
        for (int i = 0, slot = ring.head(); i < count; i++, slot = ring.next(slot)) {
            if (dump.isPresent()) {
                dump.get().show(ring, slot);
            }
            if (check.isPresent()) {
                check.get().look(ring, slot);
            }
        }
    }

    @Override
    String findings() {
        return check.map(SequenceCheck::summary).orElse("");
    }
}
