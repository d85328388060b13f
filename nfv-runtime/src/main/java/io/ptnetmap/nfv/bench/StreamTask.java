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
     * @param packets that have gone through its ring
     * @param differences 0 if each packet was the expected one, in length and payload
     */
    private record Answer(long start, long end, long packets, long differences) {
        static Answer parse(String line) {
            long[] words = ProcessPair.numbers(line, 4);
            return new Answer(words[0], words[1], words[2], words[3]);
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
        if (sent.packets() != packets || received.packets() != packets || received.differences() != 0) {
            throw new BenchException(contender + ": packets were lost or changed in " + this + ": sent " + sent
                    + ", received " + received);
        }
        return new double[] {packets * 1000.0 / (received.end() - sent.start())};
    }
}
