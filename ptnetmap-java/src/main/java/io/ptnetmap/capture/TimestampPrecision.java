// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

/** Unit of a capture file's timestamps. */
public enum TimestampPrecision {
    /** Microseconds. */
    MICRO(1_000, 6),
    /** Nanoseconds. */
    NANO(1, 9);

    private final int nanos;
    private final int decimals;

    TimestampPrecision(int nanos, int decimals) {
        this.nanos = nanos;
        this.decimals = decimals;
    }

    /** Nanoseconds of one unit. */
    public int nanos() {
        return nanos;
    }

    /** Digits of a second's fraction: pcapng's {@code if_tsresol}. */
    int decimals() {
        return decimals;
    }
}
