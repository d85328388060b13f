// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

/** Decimal numbers in texts that people write. */
final class Decimal {
    private static final int MAX_DIGITS = 5;

    private Decimal() {}

    /**
     * The number that stands between two positions: ASCII digits only, no sign, no leading zeros, which some programs read as
     * octal.
     *
     * @param max largest number allowed, of five digits at most
     * @return -1 = none
     */
    static int parse(String text, int start, int end, int max) {
        int digits = end - start;
        if (digits < 1 || digits > MAX_DIGITS || digits > 1 && text.charAt(start) == '0') {
            return -1;
        }
        int number = 0;
        for (int i = start; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number <= max ? number : -1;
    }
}
