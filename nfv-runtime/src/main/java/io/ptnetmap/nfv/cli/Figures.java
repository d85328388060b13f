// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
    private static final String[] PREFIXES = {"", "k", "M", "G", "T"};
    private static final String[] TIME_UNITS = {"ns", "µs", "ms", "s"};

    private Figures() {}

    /** {@code 1,234,567}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 packet}, {@code 1,234 packets}. */
    static String count(long number, String noun) {
        return count(number) + " " + noun + (number == 1 ? "" : "s");
    }

    /** {@code 1 entry}, {@code 1,234 entries}: of a function's tables. */
    static String entries(long number) {
        return count(number) + (number == 1 ? " entry" : " entries");
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
        return fixed(value, value == Math.rint(value) ? 0 : decimals(value));
    }

    /** So many as make three digits, once the value is rounded. */
    private static int decimals(double value) {
        return value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    }

    private static String fixed(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** {@code 350 ns}, {@code 85.0 µs}, {@code 1.20 ms}, {@code 12.5 s}: three digits. */
    static String time(long nanos) {
        double value = nanos;
        int unit = 0;
        while (value >= 999.5 && unit < TIME_UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return fixed(value, unit == 0 ? 0 : decimals(value)) + " " + TIME_UNITS[unit];
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
