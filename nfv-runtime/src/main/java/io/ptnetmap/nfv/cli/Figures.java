// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
    private static final String[] PREFIXES = {"", "k", "M", "G", "T"};
    private static final String[] TIME_UNITS = {"ns", "us", "ms", "s"};

    private Figures() {}

    /** {@code 1,234,567}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 packet}, {@code 1,234 packets}. */
    static String count(long number, String noun) {
        return count(number) + " " + noun + (number == 1 ? "" : "s");
    }

    /** {@code 1.23 Mpps}, {@code 940 Mbit/s}: three digits and a prefix. */
    static String rate(double perSecond, String unit) {
        double value = perSecond;
        int prefix = 0;
        while (value >= 999.5 && prefix < PREFIXES.length - 1) {
            value /= 1000;
            prefix++;
        }
        return threeDigits(value) + " " + PREFIXES[prefix] + unit;
    }

    private static String threeDigits(double value) {
        int decimals = value >= 99.95 || value == Math.rint(value) ? 0 : value >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** {@code 1.20 s}, {@code 350 ms}. */
    static String time(long nanos) {
        return nanos < 1_000_000_000L ? nanos / 1_000_000 + " ms" : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    /** {@code 350 ns}, {@code 1.20 ms}: three digits. */
    static String latency(long nanos) {
        double value = nanos;
        int unit = 0;
        while (value >= 999.5 && unit < TIME_UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return threeDigits(value) + " " + TIME_UNITS[unit];
    }

    /** A ring's occupancy, such as {@code [###-----] 384/1024}; empty where there is no ring. */
    static String occupancy(int used, int slots) {
        if (slots == 0) {
            return "";
        }
        int width = 8;
        int filled = (int) Math.min(width, Math.ceilDiv((long) used * width, slots));
        return "[" + "#".repeat(filled) + "-".repeat(width - filled) + "] " + used + "/" + slots;
    }
}
