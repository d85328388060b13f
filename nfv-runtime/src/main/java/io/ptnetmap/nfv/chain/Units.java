// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations such as {@code 2h30m} and numbers with a decimal (k, M, G) or binary (Ki, Mi, Gi) multiple. */
public final class Units {
    /** Of durations: one or more numbers, each with its unit. */
    public static final String DURATION_PATTERN = "^([0-9]{1,9}(d|h|m|s|ms|us|ns))+$";
    /** Of numbers with a multiple. */
    static final String MULTIPLE_PATTERN = "^-?[0-9]{1,18}(k|M|G|Ki|Mi|Gi)$";

    private static final Pattern DURATION = Pattern.compile(DURATION_PATTERN);
    private static final Pattern DURATION_PART = Pattern.compile("([0-9]+)([a-z]+)");
    private static final Map<String, Duration> DURATION_UNITS = Map.of(
            "d", Duration.ofDays(1),
            "h", Duration.ofHours(1),
            "m", Duration.ofMinutes(1),
            "s", Duration.ofSeconds(1),
            "ms", Duration.ofMillis(1),
            "us", Duration.ofNanos(1_000),
            "ns", Duration.ofNanos(1));

    private static final Pattern MULTIPLE = Pattern.compile(MULTIPLE_PATTERN);
    private static final Map<String, Long> MULTIPLES =
            Map.of("k", 1_000L, "M", 1_000_000L, "G", 1_000_000_000L, "Ki", 1L << 10, "Mi", 1L << 20, "Gi", 1L << 30);

    private Units() {}

    /** Parses {@code 30s}, {@code 500ms}, {@code 2h4m}; empty if the text is no duration. */
    public static Optional<Duration> duration(String text) {
        if (!DURATION.matcher(text).matches()) {
            return Optional.empty();
        }
        Duration sum = Duration.ZERO;
        Matcher part = DURATION_PART.matcher(text);
        while (part.find()) {
            sum = sum.plus(DURATION_UNITS.get(part.group(2)).multipliedBy(Long.parseLong(part.group(1))));
        }
        return Optional.of(sum);
    }

    /** Parses {@code 64Ki}, {@code 10M}; empty if the text is no number with a multiple, or beyond a long. */
    static Optional<Long> multiple(String text) {
        Matcher matcher = MULTIPLE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(1);
        long count = Long.parseLong(text.substring(0, text.length() - unit.length()));
        try {
            return Optional.of(Math.multiplyExact(count, MULTIPLES.get(unit)));
        } catch (ArithmeticException tooLarge) {
            return Optional.empty();
        }
    }
}
