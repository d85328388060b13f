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

    /** The processes that take such tasks. */
    static PipePairs.Setting setting(int slots) {
        return PipePairs.Setting.of(PipeWorker.class, PipeWorker.SENDER, PipeWorker.RECEIVER, slots);
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
        StreamAnswer sent = StreamAnswer.parse(first);
        StreamAnswer received = StreamAnswer.parse(second);
        if (sent.packets() != packets || received.packets() != packets || received.differences() != 0) {
            throw new BenchException(contender + ": packets were lost or changed in " + this + ": sent " + sent
                    + ", received " + received);
        }
        return new double[] {packets * 1000.0 / (received.end() - sent.start())};
    }
}
