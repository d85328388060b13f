// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

/**
 * What a process tells of a round of {@link PipeWorker}'s tasks.
 *
 * @param start when it began, nanoseconds of the system's monotonic clock
 * @param end when it had finished
 * @param packets that have gone through its ring
 * @param differences 0 if each packet was the expected one, in length and payload
 */
record StreamAnswer(long start, long end, long packets, long differences) {
    static StreamAnswer parse(String line) {
        long[] words = ProcessPair.numbers(line, 4);
        return new StreamAnswer(words[0], words[1], words[2], words[3]);
    }

    /** What {@link #parse} takes. */
    String line() {
        return start + " " + end + " " + packets + " " + Long.toUnsignedString(differences);
    }
}
