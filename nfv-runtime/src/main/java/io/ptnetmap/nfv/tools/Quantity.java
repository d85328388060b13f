// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import java.util.Locale;

/** Numbers in the form that netmap's tools print them in: three decimals and a prefix, {@code 14.881 Mpps}. */
public final class Quantity {
    private static final String[] PREFIXES = {"", "K", "M", "G", "T"};
    private static final double THOUSAND = 1000;

    private Quantity() {}

    /**
     * A number with its unit.
     *
     * @param plain without prefixes
     */
    public static String of(double value, String unit, boolean plain) {
        if (plain) {
            return String.format(Locale.ROOT, "%.0f %s", value, unit);
        }
        double scaled = value;
        int prefix = 0;
        while (scaled >= THOUSAND && prefix < PREFIXES.length - 1) {
            scaled /= THOUSAND;
            prefix++;
        }
        return String.format(Locale.ROOT, "%.3f %s%s", scaled, PREFIXES[prefix], unit);
    }
}
