// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

/** The unit of a pcapng interface's timestamps ({@code if_tsresol}) and where they start ({@code if_tsoffset}). */
final class TimestampResolution {
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int NANO_DECIMALS = 9;

    /** Most bits of a fraction such that the fraction times 10^9 fits 64 bits. */
    private static final int MAX_FRACTION_BITS = 34;

    private final boolean binary;
    private final int exponent;
    private final long factor;
    private final long offsetNanos;

    /**
     * @param resolution the unit is 10<sup>-resolution</sup> seconds or, with the top bit set, 2 to the negative of the other bits
     * @param offset seconds to be added
     */
    TimestampResolution(int resolution, long offset) {
        binary = (resolution & 0x80) != 0;
        exponent = resolution & 0x7f;
        factor = power10(Math.abs(NANO_DECIMALS - exponent));
        offsetNanos = offset * NANOS_PER_SECOND;
    }

    /** Nanoseconds since the epoch. */
    long toNanos(long timestamp) {
        return offsetNanos + (binary ? binaryNanos(timestamp) : decimalNanos(timestamp));
    }

    private long decimalNanos(long timestamp) {
        return exponent <= NANO_DECIMALS ? timestamp * factor : Long.divideUnsigned(timestamp, factor);
    }

    private long binaryNanos(long timestamp) {
        if (exponent >= Long.SIZE) {
            return 0;
        }
        long seconds = timestamp >>> exponent;
        long fraction = timestamp & (1L << exponent) - 1;
        int excess = Math.max(0, exponent - MAX_FRACTION_BITS);
        return seconds * NANOS_PER_SECOND + ((fraction >>> excess) * NANOS_PER_SECOND >>> exponent - excess);
    }

    /** 10 to the power; the largest unsigned number where that does not fit. */
    private static long power10(int power) {
        long value = 1;
        for (int i = 0; i < power; i++) {
            value *= 10;
        }
        return power > 19 ? -1 : value;
    }
}
