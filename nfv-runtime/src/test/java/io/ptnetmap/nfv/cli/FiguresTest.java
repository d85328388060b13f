// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 ns",
        "850, 850 ns",
        "999, 999 ns",
        "1000, 1.00 µs",
        "9994, 9.99 µs",
        "9996, 10.0 µs",
        "12345, 12.3 µs",
        "99960, 100 µs",
        "310000, 310 µs",
        "999499, 999 µs",
        "999500, 1.00 ms",
        "1234567, 1.23 ms",
        "12500000000, 12.5 s",
        "7200000000000, 7200 s"
    })
    void timesHaveThreeDigitsAndTheUnitThatFitsThem(long nanos, String text) {
        assertEquals(text, Figures.time(nanos));
    }

    @ParameterizedTest
    @CsvSource({"999, 999 pps", "999.6, 1.00 kpps", "1000, 1 kpps", "1234567, 1.23 Mpps", "940e6, 940 Mpps"})
    void ratesHaveThreeDigitsAndAPrefix(double perSecond, String text) {
        assertEquals(text, Figures.rate(perSecond, "pps"));
    }
}
