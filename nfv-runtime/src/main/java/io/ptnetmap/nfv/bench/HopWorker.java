// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.RingBuffer;
import io.ptnetmap.linux.Linux;
import java.util.concurrent.CompletableFuture;

/** A process that passes packets from one of its threads to another, which checks their numbers; {@code dpdk.c} is the same in C. */
final class HopWorker {
    /** Between two threads of the engine. */
    static final String LINK = "link";
    /** Through a Disruptor and nothing else. */
    static final String DISRUPTOR = "disruptor";

    static final int ENTRIES = 1024;

    private long packets;
    private long differences;
    private long end;

    private HopWorker() {}

    /** An element of the plain Disruptor. */
    private static final class Event {
        long number;
    }

    /** Arguments: processor of the receiver, kind, processor of the sender. Commands and answers as in {@code dpdk.c}. */
    public static void main(String[] arguments) {
        if (arguments[1].equals(LINK)) {
            try (ThreadHop hop = new ThreadHop()) {
                Commands.answer(
                        (count, batch, payload) -> new StreamAnswer(0, hop.run(count, (int) batch), count, 0).line());
            }
        } else {
            int receiver = Integer.parseInt(arguments[0]);
            Linux.pinThread(Integer.parseInt(arguments[2]));
            Commands.answer((count, batch, payload) -> overDisruptor(receiver, count, (int) batch));
        }
    }

    private void take(long number) {
        differences |= number ^ packets++;
    }

    /** Starts a thread on a processor and waits until it runs. */
    private static CompletableFuture<Void> start(int cpu, Runnable work) {
        CompletableFuture<Void> running = new CompletableFuture<>();
        CompletableFuture<Void> done = CompletableFuture.runAsync(
                () -> {
                    Linux.pinThread(cpu);
                    running.complete(null);
                    work.run();
                },
                command -> Thread.ofPlatform().daemon().start(command));
        running.join();
        return done;
    }

    /** When the receiver has finished. */
    private String answer(CompletableFuture<Void> done, long start) {
        done.join();
        return new StreamAnswer(start, end, packets, differences).line();
    }

    private static String overDisruptor(int cpu, long total, int batch) {
        RingBuffer<Event> ring = RingBuffer.createSingleProducer(Event::new, ENTRIES, new BusySpinWaitStrategy());
        HopWorker receiver = new HopWorker();
        CompletableFuture<BatchEventProcessor<Event>> processor = new CompletableFuture<>();
        processor.complete(new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), (event, sequence, last) -> {
            receiver.take(event.number);
            if (receiver.packets == total) {
                receiver.end = System.nanoTime();
                processor.join().halt();
            }
        }));
        ring.addGatingSequences(processor.join().getSequence());
        CompletableFuture<Void> done = start(cpu, processor.join());
        Patience patience = new Patience();
        long start = System.nanoTime();
        for (long sent = 0; sent < total; ) {
            int count = (int) Math.min(batch, total - sent);
            // next() alone would sleep where there is no room.
            while (!ring.hasAvailableCapacity(count)) {
                patience.rest();
            }
            patience.over();
            long last = ring.next(count);
            for (long sequence = last - count + 1; sequence <= last; sequence++) {
                ring.get(sequence).number = sent++;
            }
            ring.publish(last - count + 1, last);
        }
        return receiver.answer(done, start);
    }
}
