// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.MessageVector;
import io.ptnetmap.linux.PacketSocket;
import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;

/**
 * A process that does over a packet socket what {@link PipeWorker} does over a pipe: frames of 64 bytes with their number. So
 * that none is lost, the receiver says from time to time how many have come, and the sender is never far ahead.
 */
final class SocketWorker {
    /** Role, and name of the interface. */
    static final String SENDER = "sender";

    static final String RECEIVER = "receiver";

    private static final int LENGTH = 64;
    private static final int TYPE = 12;
    private static final int NUMBER = 14;
    private static final int MAX_BATCH = 256;
    /** IEEE 802's EtherTypes for local experiments. */
    private static final short DATA = (short) 0x88b5;

    private static final short REPORT = (short) 0x88b6;
    /** Packets that may be under way: a fraction of what fits the socket's buffer. */
    private static final int WINDOW = 8192;

    private static final int REPORT_EVERY = WINDOW / 4;

    private final PacketSocket socket;
    private final MessageVector out = new MessageVector(MAX_BATCH, MAX_BATCH, 0);
    private final MessageVector in = new MessageVector(MAX_BATCH, MAX_BATCH, PacketSocket.CONTROL_SIZE);
    private final long outgoing;
    private final long incoming;
    private final Patience patience = new Patience();
    private long packets;
    private long differences;

    private SocketWorker(PacketSocket socket, Arena arena) {
        this.socket = socket;
        this.outgoing = buffers(arena, out);
        this.incoming = buffers(arena, in);
    }

    private static long buffers(Arena arena, MessageVector messages) {
        long size = PacketSocket.VNET_HEADER_SIZE + LENGTH;
        long buffers = arena.allocate(MAX_BATCH * size, 8).address();
        for (int i = 0; i < MAX_BATCH; i++) {
            messages.part(i, buffers + i * size, size);
            messages.message(i, i, 1);
        }
        return buffers;
    }

    /** The frame of a message. */
    private static long frame(long buffers, int message) {
        return buffers + (long) message * (PacketSocket.VNET_HEADER_SIZE + LENGTH) + PacketSocket.VNET_HEADER_SIZE;
    }

    /** Arguments: role, processor. Commands as in {@code pipe.c}. */
    public static void main(String[] arguments) {
        String role = arguments[0];
        Linux.pinThread(Integer.parseInt(arguments[1]));
        try (Arena arena = Arena.ofConfined();
                PacketSocket socket = new PacketSocket(role, true)) {
            SocketWorker worker = new SocketWorker(socket, arena);
            Commands.answer((total, batch, payload) -> worker.run(role.equals(SENDER), total, (int) batch));
        } catch (BenchException | LinuxException failure) {
            System.err.println(role + ": " + failure.getMessage());
            System.exit(1);
        }
    }

    private String run(boolean sends, long total, int batch) {
        packets = 0;
        differences = 0;
        long start = System.nanoTime();
        if (sends) {
            send(total, batch);
        } else {
            receive(total, batch);
        }
        return new StreamAnswer(start, System.nanoTime(), packets, differences).line();
    }

    private void send(long total, int batch) {
        long arrived = 0;
        while (arrived < total) {
            int count = (int) Math.min(Math.min(batch, total - packets), WINDOW - (packets - arrived));
            for (int i = 0; i < count; i++) {
                write(i, DATA, packets);
                packets++;
            }
            transmit(count);
            arrived = Math.max(arrived, reported());
            if (count == 0) {
                patience.rest();
            } else {
                patience.over();
            }
        }
    }

    private void write(int message, short type, long number) {
        long frame = frame(outgoing, message);
        Memory.putShortBigEndian(frame + TYPE, type);
        Memory.putLong(frame + NUMBER, number);
    }

    /** Sends the first messages, all of them. */
    private void transmit(int count) {
        int sent = 0;
        while (sent < count) {
            int now = out.send(socket.descriptor(), count - sent);
            if (now < 0 && now != -Errno.EAGAIN.number() && now != -Errno.ENOBUFS.number()) {
                throw new LinuxException("send", -now);
            }
            sent += Math.max(0, now);
            if (sent < count && now > 0) {
                moveUp(now, count - sent);
            }
        }
    }

    /** What was not sent becomes the first messages. */
    private void moveUp(int by, int count) {
        for (int i = 0; i < count; i++) {
            write(
                    i,
                    Memory.getShortBigEndian(frame(outgoing, i + by) + TYPE),
                    Memory.getLong(frame(outgoing, i + by) + NUMBER));
        }
    }

    /** What the receiver has reported last, 0 where nothing new has come. */
    private long reported() {
        int count = take(MAX_BATCH);
        long last = 0;
        for (int i = 0; i < count; i++) {
            long frame = frame(incoming, i);
            if (Memory.getShortBigEndian(frame + TYPE) == REPORT) {
                last = Memory.getLong(frame + NUMBER);
            }
        }
        return last;
    }

    private void receive(long total, int batch) {
        long reported = 0;
        while (packets < total) {
            int count = take(batch);
            for (int i = 0; i < count; i++) {
                read(frame(incoming, i), in.length(i) - PacketSocket.VNET_HEADER_SIZE);
            }
            if (packets - reported >= REPORT_EVERY || packets == total) {
                reported = packets;
                write(0, REPORT, packets);
                transmit(1);
            }
            if (count == 0) {
                patience.rest();
            } else {
                patience.over();
            }
        }
    }

    private void read(long frame, int length) {
        if (Memory.getShortBigEndian(frame + TYPE) == DATA) {
            long number = Memory.getLong(frame + NUMBER);
            differences |= number ^ packets++;
            differences |= length ^ LENGTH;
        }
    }

    /** Receives messages. Returns how many. */
    private int take(int most) {
        for (int i = 0; i < most; i++) {
            in.message(i, i, 1);
        }
        int count = in.receive(socket.descriptor(), most);
        if (count < 0 && count != -Errno.EAGAIN.number()) {
            throw new LinuxException("receive", -count);
        }
        return Math.max(0, count);
    }
}
