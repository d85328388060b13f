// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/** Two processes at the ends of one pipe, ready to send packets from one to the other. */
final class Contender implements AutoCloseable {
    private final String name;
    private final BenchProcess sender;
    private final BenchProcess receiver;

    /** What to run: {@code packets} in batches of up to {@code batch} slots, {@code payload} bytes touched in each. */
    record Task(long packets, int batch, int payload) {
        String command() {
            return "go " + packets + " " + batch + " " + payload;
        }
    }

    /**
     * What a process tells of a round.
     *
     * @param start when it began, nanoseconds of the system's monotonic clock
     * @param end when it had finished
     * @param packets slots filled or read
     * @param bytes sum of their lengths
     * @param sum of the payloads, modulo 2^64
     * @param differences 0 if each packet was the expected one
     */
    record Answer(long start, long end, long packets, long bytes, long sum, long differences) {
        static Answer parse(String line) {
            long[] words = new long[6];
            String[] parts = line.split(" ");
            if (parts.length != words.length) {
                throw new BenchException("a process of the benchmark answered '" + line + "'");
            }
            for (int i = 0; i < words.length; i++) {
                words[i] = Long.parseUnsignedLong(parts[i]);
            }
            return new Answer(words[0], words[1], words[2], words[3], words[4], words[5]);
        }
    }

    /**
     * Starts both ends.
     *
     * @param name for messages
     * @param senderCommand a program that answers as {@link PipeWorker} does
     * @param receiverCommand the same for the other end
     */
    Contender(String name, List<String> senderCommand, List<String> receiverCommand) {
        this.name = name;
        this.sender = BenchProcess.start(name + " sender", senderCommand);
        try {
            this.receiver = BenchProcess.start(name + " receiver", receiverCommand);
        } catch (BenchException failure) {
            sender.close();
            throw failure;
        }
    }

    /**
     * Sends packets through the pipe once.
     *
     * @return million packets per second, from the sender's first to the receiver's last
     * @throws BenchException if a packet was lost, repeated or changed
     */
    double run(Task task) {
        receiver.send(task.command());
        sender.send(task.command());
        Answer sent = Answer.parse(sender.answer());
        Answer received = Answer.parse(receiver.answer());
        verify(task, sent, received);
        return task.packets() * 1000.0 / (received.end() - sent.start());
    }

    private void verify(Task task, Answer sent, Answer received) {
        // Of the numbers 0 to n - 1; n * (n - 1) is even, also where it wraps.
        long sum = task.payload() == 0 ? 0 : sumOfFirst(task.packets());
        boolean whole = sent.packets() == task.packets() && received.packets() == task.packets();
        boolean same = sent.bytes() == received.bytes() && sent.sum() == sum && received.sum() == sum;
        if (!whole || !same || received.differences() != 0) {
            throw new BenchException(
                    name + ": packets were lost or changed in " + task + ": sent " + sent + ", received " + received);
        }
    }

    private static long sumOfFirst(long count) {
        return count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
    }
}
