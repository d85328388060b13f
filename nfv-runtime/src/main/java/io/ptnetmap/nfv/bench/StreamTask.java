// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/**
 * Packets from one end to the other, as fast as they go ({@link PipeWorker}).
 *
 * @param packets how many
 * @param batch most of them between two syncs
 * @param payload bytes written and read in each
 */
record StreamTask(long packets, int batch, int payload) implements ProcessPair.Task {
    static final Metric RATE = new Metric("rate", "Mpps");

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
            long[] words = ProcessPair.numbers(line, 6);
            return new Answer(words[0], words[1], words[2], words[3], words[4], words[5]);
        }

        /** What {@link #parse} takes. */
        String line() {
            return start + " " + end + " " + packets + " " + Long.toUnsignedString(bytes) + " "
                    + Long.toUnsignedString(sum) + " " + Long.toUnsignedString(differences);
        }
    }

    /** The processes that take such tasks. */
    static PipePairs.Setting setting(int slots) {
        return new PipePairs.Setting(PipeWorker.class, PipeWorker.SENDER, PipeWorker.RECEIVER, slots);
    }

    @Override
    public String command() {
        return "go " + packets + " " + batch + " " + payload;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(RATE);
    }

    /** Million packets per second, from the sender's first to the receiver's last. */
    @Override
    public double[] figures(String contender, String first, String second) {
        Answer sent = Answer.parse(first);
        Answer received = Answer.parse(second);
        // Of the numbers 0 to n - 1; n * (n - 1) is even, also where it wraps.
        long expected = payload == 0 ? 0 : sumOfFirst(packets);
        boolean whole = sent.packets() == packets && received.packets() == packets;
        boolean same = sent.bytes() == received.bytes() && sent.sum() == expected && received.sum() == expected;
        if (!whole || !same || received.differences() != 0) {
            throw new BenchException(contender + ": packets were lost or changed in " + this + ": sent " + sent
                    + ", received " + received);
        }
        return new double[] {packets * 1000.0 / (received.end() - sent.start())};
    }

    private static long sumOfFirst(long count) {
        return count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;
    }
}
