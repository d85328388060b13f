// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.ptnetmap.linux.Linux;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * A process that does over Aeron what {@link PipeWorker} and {@link EchoWorker} do over a pipe: messages of 64 bytes, claimed
 * and written in place, whose first 8 bytes are their number.
 */
final class AeronWorker {
    static final String SENDER = "sender";
    static final String RECEIVER = "receiver";
    static final String PING = "ping";
    static final String PONG = "pong";

    private static final String CHANNEL = "aeron:ipc";
    private static final int FORTH = 1;
    private static final int BACK = 2;
    private static final int LENGTH = 64;
    private static final int SENT = 8;

    private final BufferClaim claim = new BufferClaim();
    private final Patience patience = new Patience();
    private final RoundTrips trips = new RoundTrips();
    private long packets;
    private long differences;
    private long number;
    private long sent;

    private final FragmentHandler counting = this::count;
    private final FragmentHandler reading = this::read;

    private AeronWorker() {}

    /** Arguments: the driver's directory, role, processor. Commands as in {@code pipe.c}. */
    public static void main(String[] arguments) {
        Linux.pinThread(Integer.parseInt(arguments[2]));
        String role = arguments[1];
        boolean begins = role.equals(SENDER) || role.equals(PING);
        AeronWorker worker = new AeronWorker();
        Aeron.Context context = new Aeron.Context()
                .aeronDirectoryName(arguments[0])
                .driverTimeoutMs(TimeUnit.NANOSECONDS.toMillis(AeronDriver.SILENCE_NANOS));
        try (Aeron aeron = Aeron.connect(context);
                ExclusivePublication out = aeron.addExclusivePublication(CHANNEL, begins ? FORTH : BACK);
                Subscription in = aeron.addSubscription(CHANNEL, begins ? BACK : FORTH)) {
            Commands.answer((count, second, third) -> switch (role) {
                case SENDER -> worker.send(worker.connected(out), count);
                case RECEIVER -> worker.receive(worker.connected(in), count, (int) second);
                case PING -> worker.ping(worker.connected(out), worker.connected(in), count);
                default -> worker.pong(worker.connected(out), worker.connected(in), count);
            });
        } catch (BenchException failure) {
            System.err.println(role + ": " + failure.getMessage());
            System.exit(1);
        }
    }

    private ExclusivePublication connected(ExclusivePublication out) {
        while (!out.isConnected()) {
            patience.rest();
        }
        patience.over();
        return out;
    }

    private Image connected(Subscription in) {
        while (in.imageCount() == 0) {
            patience.rest();
        }
        patience.over();
        return in.imageAtIndex(0);
    }

    private void begin() {
        packets = 0;
        differences = 0;
    }

    private String answer(long start) {
        return new StreamAnswer(start, System.nanoTime(), packets, differences).line();
    }

    /** Claims the next message; the caller writes and commits it. */
    private void claim(ExclusivePublication out) {
        while (out.tryClaim(LENGTH, claim) < 0) {
            patience.rest();
        }
        patience.over();
    }

    private String send(ExclusivePublication out, long total) {
        begin();
        long start = System.nanoTime();
        while (packets < total) {
            claim(out);
            claim.buffer().putLong(claim.offset(), packets);
            claim.commit();
            packets++;
        }
        return answer(start);
    }

    private String receive(Image in, long total, int limit) {
        begin();
        long start = System.nanoTime();
        while (packets < total) {
            if (in.poll(counting, limit) == 0) {
                patience.rest();
            } else {
                patience.over();
            }
        }
        return answer(start);
    }

    private void count(DirectBuffer buffer, int offset, int length, Header header) {
        long value = buffer.getLong(offset);
        differences |= value ^ packets++;
        differences |= length ^ LENGTH;
    }

    private void read(DirectBuffer buffer, int offset, int length, Header header) {
        number = buffer.getLong(offset);
        sent = buffer.getLong(offset + SENT);
    }

    private void await(Image in) {
        while (in.poll(reading, 1) == 0) {
            patience.rest();
        }
        patience.over();
    }

    private void write(ExclusivePublication out, long value, long time) {
        claim(out);
        claim.buffer().putLong(claim.offset(), value);
        claim.buffer().putLong(claim.offset() + SENT, time);
        claim.commit();
    }

    private String ping(ExclusivePublication out, Image in, long total) {
        trips.begin();
        for (long next = 0; next < total; next++) {
            write(out, next, System.nanoTime());
            await(in);
            trips.take(next, number, sent);
        }
        return trips.answer();
    }

    private String pong(ExclusivePublication out, Image in, long total) {
        trips.begin();
        for (long next = 0; next < total; next++) {
            await(in);
            trips.take(next, number);
            write(out, next, sent);
        }
        return trips.answer();
    }
}
