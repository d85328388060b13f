// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/**
 * Packets through a process in the middle, which passes them on without copying ({@link PipeWorker#FORWARDER}).
 *
 * @param packets how many
 * @param batch most of them between two syncs
 * @param payload bytes written and read in each, at the ends
 */
record ForwardTask(long packets, int batch, int payload) implements ProcessPair.Task {
    @Override
    public String command() {
        return "go " + packets + " " + batch + " " + payload;
    }

    @Override
    public List<Metric> metrics() {
        return List.of(StreamTask.RATE);
    }

    /** Million packets per second, from the first that is sent to the last that has come through. */
    @Override
    public double[] figures(String contender, String first, String second) {
        StreamAnswer ends = StreamAnswer.parse(first);
        StreamAnswer middle = StreamAnswer.parse(second);
        if (ends.packets() != packets || middle.packets() != packets || ends.differences() != 0) {
            throw new BenchException(contender + ": packets were lost or changed in " + this + ": received " + ends
                    + ", passed on " + middle);
        }
        return new double[] {packets * 1000.0 / (ends.end() - ends.start())};
    }
}
