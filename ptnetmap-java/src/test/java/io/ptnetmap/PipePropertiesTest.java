// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.BufferAudit;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.host.RegionConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever is done with several pipes, in whatever order: packets arrive once, in order and unspoilt, and every buffer
 * stays in exactly one place.
 */
class PipePropertiesTest {
    private static final int PIPES = 3;
    private static final int SLOTS = 8;

    /** What a step may do to a pipe. */
    enum Deed {
        SEND,
        SEND_UNSYNCED,
        RECEIVE,
        LOOK_ONLY,
        FORWARD,
        SWAP_IN_TRANSIT,
        SYNC,
        REOPEN_SENDER,
        REOPEN_RECEIVER
    }

    record Step(Deed deed, int pipe, int count) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(Deed.class),
                        Arbitraries.integers().between(0, PIPES - 1),
                        Arbitraries.integers().between(1, SLOTS))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(120);
    }

    @Property(tries = 300)
    void nothingIsLostDoubledOrReordered(@ForAll("steps") List<Step> steps) {
        EmbeddedHost host = EmbeddedHost.create(new RegionConfig(16, 1024, 16, 512, 64, 2048));
        try (Netmap netmap = Netmap.over(host)) {
            Model[] pipes = new Model[PIPES];
            for (int i = 0; i < PIPES; i++) {
                pipes[i] = new Model(netmap, i);
            }
            for (Step step : steps) {
                pipes[step.pipe()].apply(step, pipes[(step.pipe() + 1) % PIPES]);
                BufferAudit audit = host.audit(1);
                assertTrue(audit.clean(), () -> step + ": " + audit);
            }
            for (Model pipe : pipes) {
                pipe.drain();
            }
            for (Model pipe : pipes) {
                pipe.close();
            }
            assertEquals(host.audit(1).total() - 2, host.audit(1).free());
        }
    }

    /** A pipe, and the numbers of the packets that must be in it. */
    private static final class Model {
        private static long nextNumber = 1;

        private final Netmap netmap;
        private final String name;
        private final Deque<Long> expected = new ArrayDeque<>();
        private NetmapPort sender;
        private NetmapPort receiver;

        Model(Netmap netmap, int number) {
            this.netmap = netmap;
            this.name = "netmap:model";
            this.sender = netmap.openPort(name + "{" + number + "/T@conf:slots=" + SLOTS);
            this.receiver = netmap.openPort(name + "}" + number + "/R");
        }

        void apply(Step step, Model other) {
            TxRing tx = sender.txRing(0);
            RxRing rx = receiver.rxRing(0);
            switch (step.deed()) {
                case SEND -> {
                    send(step.count());
                    tx.sync();
                }
                case SEND_UNSYNCED -> send(step.count());
                case RECEIVE -> receive(step.count());
                case LOOK_ONLY -> {
                    rx.sync();
                    rx.wakeAfter(Math.min(step.count(), rx.available()));
                }
                case FORWARD -> forward(step.count(), other);
                case SWAP_IN_TRANSIT -> swapTwo(rx);
                case SYNC -> {
                    rx.sync();
                    tx.sync();
                }
                case REOPEN_SENDER -> sender = reopen(sender);
                case REOPEN_RECEIVER -> receiver = reopen(receiver);
            }
        }

        private void send(int count) {
            for (int i = 0; i < count; i++) {
                if (sender.txRing(0).inject(Packets.numbered(nextNumber, 60))) {
                    expected.add(nextNumber++);
                }
            }
        }

        private void receive(int most) {
            RxRing rx = receiver.rxRing(0);
            rx.sync();
            for (int i = Math.min(most, rx.available()); i > 0; i--) {
                assertEquals(expected.remove(), Packets.number(rx, rx.head()));
                rx.advance(1);
            }
            rx.sync();
        }

        private void forward(int most, Model other) {
            RxRing rx = receiver.rxRing(0);
            rx.sync();
            int moved = rx.forward(other.sender.txRing(0), most);
            for (int i = 0; i < moved; i++) {
                other.expected.add(expected.remove());
            }
            other.sender.txRing(0).sync();
            rx.sync();
        }

        /** The first two packets change buffers: each slot keeps its packet, in the other's buffer. */
        private void swapTwo(RxRing rx) {
            rx.sync();
            if (rx.available() < 2) {
                return;
            }
            int a = rx.head();
            int b = rx.next(a);
            long first = rx.descriptor(a);
            long second = rx.descriptor(b);
            rx.descriptor(a, NetmapSlot.withFlags(second, NetmapSlot.NS_BUF_CHANGED));
            rx.descriptor(b, NetmapSlot.withFlags(first, NetmapSlot.NS_BUF_CHANGED));
            long early = expected.remove();
            long late = expected.remove();
            expected.addFirst(early);
            expected.addFirst(late);
        }

        private NetmapPort reopen(NetmapPort port) {
            port.close();
            return netmap.openPort(port.name());
        }

        void drain() {
            while (!expected.isEmpty()) {
                int before = expected.size();
                sender.txRing(0).sync();
                receive(SLOTS);
                assertTrue(expected.size() < before, "packets stay away: " + expected);
            }
        }

        void close() {
            sender.close();
            receiver.close();
        }
    }
}
