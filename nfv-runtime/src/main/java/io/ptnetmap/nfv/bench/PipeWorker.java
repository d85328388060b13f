// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.Ring;
import io.ptnetmap.TxRing;
import io.ptnetmap.abi.NetmapSlot;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.memory.Memory;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A process at one end of a pipe; {@code pipe.c} is the same in C.
 *
 * <p>Packet {@code n} of a round is {@code 64 + (n / 32) % 256} bytes long, so that no slot holds the same length twice in
 * a row; where payload is wanted, its first 8 bytes are {@code n}.
 */
final class PipeWorker {
    static final String SENDER = "sender";
    static final String RECEIVER = "receiver";

    private final Ring ring;
    private final boolean sender;
    private final Patience patience = new Patience();

    private long packets;
    private long bytes;
    private long sum;
    private long differences;

    private PipeWorker(Ring ring) {
        this.ring = ring;
        this.sender = ring instanceof TxRing;
    }

    /** Arguments: socket, port, slots, {@code sender} or {@code receiver}, processor. Commands as in {@code pipe.c}. */
    public static void main(String[] arguments) {
        serve(arguments, port -> {
            Ring ring = arguments[3].equals(SENDER) ? port.txRing(0) : port.rxRing(0);
            PipeWorker worker = new PipeWorker(ring);
            return (packets, batch, payload) -> worker.run(packets, (int) batch, payload);
        });
    }

    /** Opens the port that the arguments name, and answers commands until there are no more. */
    static void serve(String[] arguments, Function<NetmapPort, Commands.Work> workers) {
        Linux.pinThread(Integer.parseInt(arguments[4]));
        try (Netmap netmap = Netmap.over(AttachClient.connect(Path.of(arguments[0])));
                NetmapPort port = netmap.openPort("netmap:" + arguments[1] + "@conf:slots=" + arguments[2])) {
            Commands.answer(workers.apply(port));
        } catch (BenchException | NetmapException | LinuxException failure) {
            System.err.println(arguments[3] + ": " + failure.getMessage());
            System.exit(1);
        }
    }

    private String run(long total, int batch, boolean payload) {
        packets = 0;
        bytes = 0;
        sum = 0;
        differences = 0;
        long start = System.nanoTime();
        while (packets < total) {
            ring.sync();
            int count = (int) Math.min(total - packets, Math.min(batch, ring.available()));
            if (count == 0) {
                patience.rest();
                continue;
            }
            patience.over();
            if (sender) {
                fill(count, payload);
            } else {
                drain(count, payload);
            }
            ring.advance(count);
        }
        ring.sync();
        long end = System.nanoTime();
        return start + " " + end + " " + packets + " " + Long.toUnsignedString(bytes) + " " + Long.toUnsignedString(sum)
                + " " + Long.toUnsignedString(differences);
    }

    private static int length(long sequence) {
        return 64 + (int) (sequence >>> 5 & 0xff);
    }

    private void fill(int count, boolean payload) {
        Ring tx = ring;
        int slot = tx.head();
        long sequence = packets;
        long lengths = 0;
        long values = 0;
        for (int i = 0; i < count; i++) {
            int length = length(sequence);
            int buffer = tx.bufferIndex(slot);
            tx.descriptor(slot, NetmapSlot.descriptor(buffer, length, 0));
            lengths += length;
            if (payload) {
                Memory.putLong(tx.bufferAddressOf(buffer), sequence);
                values += sequence;
            }
            sequence++;
            slot = tx.next(slot);
        }
        packets = sequence;
        bytes += lengths;
        sum += values;
    }

    private void drain(int count, boolean payload) {
        Ring rx = ring;
        int slot = rx.head();
        long sequence = packets;
        long lengths = 0;
        long values = 0;
        long wrong = 0;
        for (int i = 0; i < count; i++) {
            long descriptor = rx.descriptor(slot);
            int length = NetmapSlot.len(descriptor);
            lengths += length;
            wrong |= length ^ length(sequence);
            if (payload) {
                long value = Memory.getLong(rx.bufferAddressOf(NetmapSlot.bufIdx(descriptor)));
                values += value;
                wrong |= value ^ sequence;
            }
            sequence++;
            slot = rx.next(slot);
        }
        packets = sequence;
        bytes += lengths;
        sum += values;
        differences |= wrong;
    }
}
