// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.util.List;

/**
 * Packets one at a time to the other end and back ({@link EchoWorker}).
 *
 * @param packets how many
 * @param gapNanos from one to the next at least; 0 = as soon as it is back
 * @param blocking whether the other end sleeps between packets, rather than to look for them all the time
 */
record EchoTask(long packets, long gapNanos, boolean blocking) implements ProcessPair.Task {
    private static final String MICROS = "µs";
    private static final List<Metric> ROUND_TRIP = List.of(
            new Metric("round trip p50", MICROS),
            new Metric("round trip p99", MICROS),
            new Metric("round trip most", MICROS));
    private static final List<Metric> WAKE_UP = List.of(
            new Metric("wake-up p50", MICROS),
            new Metric("wake-up p99", MICROS),
            new Metric("wake-up most", MICROS),
            new Metric("processor", "% of a core"));

    /**
     * What a process tells of a round; times in nanoseconds.
     *
     * @param packets that came, or came back
     * @param p50 time of half of them at most
     * @param p99 time of all but one in a hundred at most
     * @param most time of the slowest
     * @param processor time that the process has used
     * @param elapsed from first to last
     * @param differences 0 if each packet was the expected one
     */
    private record Answer(long packets, long p50, long p99, long most, long processor, long elapsed, long differences) {
        static Answer parse(String line) {
            long[] words = ProcessPair.numbers(line, 7);
            return new Answer(words[0], words[1], words[2], words[3], words[4], words[5], words[6]);
        }
    }

    /** The processes that take such tasks. */
    static PipePairs.Setting setting(int slots) {
        return new PipePairs.Setting(EchoWorker.class, EchoWorker.PING, EchoWorker.PONG, slots);
    }

    @Override
    public String command() {
        return "go " + packets + " " + gapNanos + " " + (blocking ? 1 : 0);
    }

    @Override
    public List<Metric> metrics() {
        return blocking ? WAKE_UP : ROUND_TRIP;
    }

    @Override
    public double[] figures(String contender, String first, String second) {
        Answer pinged = Answer.parse(first);
        Answer ponged = Answer.parse(second);
        if (pinged.packets() != packets
                || ponged.packets() != packets
                || (pinged.differences() | ponged.differences()) != 0) {
            throw new BenchException(contender + ": packets were lost or changed in " + this + ": came back " + pinged
                    + ", arrived " + ponged);
        }
        return blocking
                ? new double[] {
                    ponged.p50() / 1e3,
                    ponged.p99() / 1e3,
                    ponged.most() / 1e3,
                    100.0 * ponged.processor() / ponged.elapsed()
                }
                : new double[] {pinged.p50() / 1e3, pinged.p99() / 1e3, pinged.most() / 1e3};
    }
}
