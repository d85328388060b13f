// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.nfv.tools.Quantity;

/** Mean and standard deviation of the last samples. For one thread. */
final class Deviation {
    private static final int SAMPLES = 15;

    private final double[] samples = new double[SAMPLES];
    private int count;

    /** Adds a sample, and tells mean and deviation: {@code [avg 14.201 Mpps std 12.100 Kpps] }. */
    String add(double sample, boolean plain) {
        samples[count++ % SAMPLES] = sample;
        int known = Math.min(count, SAMPLES);
        double mean = 0;
        for (int i = 0; i < known; i++) {
            mean += samples[i] / known;
        }
        double variance = 0;
        for (int i = 0; i < known; i++) {
            variance += (samples[i] - mean) * (samples[i] - mean) / known;
        }
        return "[avg " + Quantity.of(mean, "pps", plain) + " std " + Quantity.of(Math.sqrt(variance), "pps", plain)
                + "] ";
    }
}
