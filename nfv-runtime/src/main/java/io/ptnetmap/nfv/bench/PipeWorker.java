// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Ring;
import io.ptnetmap.RxRing;
import io.ptnetmap.TxRing;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.memory.Memory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A process at one or two ends of pipes; {@code pipe.c} is the same in C.
 *
 * <p>Packet {@code n} of a round is {@code 64 + (n / 32) % 256} bytes long, so that no slot holds the same length twice in
 * a row; where payload is wanted, its first 8 bytes are {@code n}.
 */
final class PipeWorker {
    /** Sends through its port. */
    static final String SENDER = "sender";
    /** Receives from its port. */
    static final String RECEIVER = "receiver";
    /** Sends to the first and receives from the second of two ports, by turns. */
    static final String ENDS = "ends";
    /** Passes on what comes from the first of two ports to the second, buffers and all. */
    static final String FORWARDER = "forwarder";

    /** Packets from which on a loop over a {@linkplain Ring#run run} pays. */
    private static final int RUN = 32;

    private final Patience patience = new Patience();

    private PipeWorker() {}

    /** Arguments: socket, port or two with a comma between, slots, role, processor. Commands as in {@code pipe.c}. */
    public static void main(String[] arguments) {
        serve(arguments, ports -> {
            PipeWorker worker = new PipeWorker();
            TxRing tx = ports.getFirst().txRing(0);
            RxRing rx = ports.getFirst().rxRing(0);
            return switch (arguments[3]) {
                case SENDER -> (packets, batch, payload) -> worker.stream(tx, packets, (int) batch, payload);
                case RECEIVER -> (packets, batch, payload) -> worker.stream(rx, packets, (int) batch, payload);
                case ENDS ->
                    (packets, batch, payload) ->
                            worker.bothEnds(tx, ports.getLast().rxRing(0), packets, (int) batch, payload);
                default ->
                    (packets, batch, payload) ->
                            worker.forward(rx, ports.getLast().txRing(0), packets, (int) batch);
            };
        });
    }

    /** Opens the ports that the arguments name, and answers commands until there are no more. */
    static void serve(String[] arguments, Function<List<NetmapPort>, Commands.Work> workers) {
        Linux.pinThread(Integer.parseInt(arguments[4]));
        List<NetmapPort> ports = new ArrayList<>();
        try (Netmap netmap = Netmap.over(AttachClient.connect(Path.of(arguments[0])))) {
            for (String port : arguments[1].split(",")) {
                ports.add(netmap.openPort("netmap:" + port + "@conf:slots=" + arguments[2]));
            }
            Commands.answer(workers.apply(ports));
            ports.forEach(NetmapPort::close);
        } catch (BenchException | NetmapException | LinuxException failure) {
            System.err.println(arguments[3] + ": " + failure.getMessage());
            System.exit(1);
        }
    }

    private String stream(Ring ring, long total, int batch, boolean payload) {
        Totals totals = new Totals();
        long start = System.nanoTime();
        while (totals.packets < total) {
            rest(work(ring, total, batch, payload, totals));
        }
        ring.sync();
        return totals.answer(start);
    }

    private String bothEnds(TxRing tx, RxRing rx, long total, int batch, boolean payload) {
        Totals sent = new Totals();
        Totals received = new Totals();
        long released = 0;
        long start = System.nanoTime();
        while (received.packets < total) {
            // No more under way than the second pipe has room for: a chain's outer ports drop what does not fit.
            long most = Math.min(total, released + tx.slots() - 1);
            int moved = work(tx, most, batch, payload, sent);
            if (moved != 0) {
                tx.sync();
            }
            released = received.packets;
            rest(work(rx, total, batch, payload, received) + moved);
        }
        rx.sync();
        return received.answer(start);
    }

    private String forward(RxRing rx, TxRing tx, long total, int batch) {
        Totals totals = new Totals();
        long start = System.nanoTime();
        while (totals.packets < total) {
            rx.sync();
            tx.sync();
            int moved = rx.forward(tx, (int) Math.min(batch, total - totals.packets));
            totals.packets += moved;
            rest(moved);
        }
        tx.sync();
        rx.sync();
        return totals.answer(start);
    }

    private void rest(int moved) {
        if (moved == 0) {
            patience.rest();
        } else {
            patience.over();
        }
    }

    /** Fills or drains what it can of a batch, and hands it over at the next sync. Returns how many slots. */
    private static int work(Ring ring, long total, int batch, boolean payload, Totals totals) {
        ring.sync();
        int count = (int) Math.min(total - totals.packets, Math.min(batch, ring.available()));
        if (count != 0) {
            if (ring instanceof TxRing tx) {
                totals.fill(tx, count, payload);
            } else {
                totals.drain(ring, count, payload);
            }
            ring.advance(count);
        }
        return count;
    }

    private static int length(long sequence) {
        return 64 + (int) (sequence >>> 5 & 0xff);
    }

    /** What has gone through one ring. */
    private static final class Totals {
        long packets;
        private long differences;

        void fill(Ring tx, int count, boolean payload) {
            int first = tx.head();
            int run = count < RUN ? 0 : tx.run(first, count);
            if (run > 0) {
                fillRun(tx, first, run, payload);
            }
            long sequence = packets;
            for (int i = run, slot = tx.fromHead(run); i < count; i++, slot = tx.next(slot)) {
                put(tx, slot, sequence++, payload);
            }
            packets = sequence;
        }

        /** A method of its own, so that the compiler makes of the loop what suits many slots. */
        private void fillRun(Ring tx, int first, int run, boolean payload) {
            long sequence = packets;
            for (int i = 0; i < run; i++) {
                put(tx, first + i, sequence + i, payload);
            }
            packets = sequence + run;
        }

        private static void put(Ring tx, int slot, long sequence, boolean payload) {
            tx.length(slot, length(sequence), 0);
            if (payload) {
                Memory.putLong(tx.bufferAddress(slot), sequence);
            }
        }

        void drain(Ring rx, int count, boolean payload) {
            int first = rx.head();
            int run = count < RUN ? 0 : rx.run(first, count);
            if (run > 0) {
                drainRun(rx, first, run, payload);
            }
            long sequence = packets;
            long wrong = 0;
            for (int i = run, slot = rx.fromHead(run); i < count; i++, slot = rx.next(slot)) {
                wrong |= difference(rx, slot, sequence++, payload);
            }
            packets = sequence;
            differences |= wrong;
        }

        private void drainRun(Ring rx, int first, int run, boolean payload) {
            long sequence = packets;
            long wrong = 0;
            for (int i = 0; i < run; i++) {
                wrong |= difference(rx, first + i, sequence + i, payload);
            }
            packets = sequence + run;
            differences |= wrong;
        }

        private static long difference(Ring rx, int slot, long sequence, boolean payload) {
            long wrong = rx.length(slot) ^ length(sequence);
            return payload ? wrong | Memory.getLong(rx.bufferAddress(slot)) ^ sequence : wrong;
        }

        String answer(long start) {
            return new StreamAnswer(start, System.nanoTime(), packets, differences).line();
        }
    }
}
