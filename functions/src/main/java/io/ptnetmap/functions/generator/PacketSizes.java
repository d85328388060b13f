// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lengths of generated packets, in bytes from the Ethernet header on, without the Ethernet checksum.
 *
 * @param text {@code 60}, {@code 60-1514} or {@code imix}
 * @param smallest shortest packet
 * @param largest longest packet
 */
public record PacketSizes(@JsonValue String text, int smallest, int largest) {
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final String IMIX = "imix";

    /** Simple IMIX: seven small packets, four medium and one large in twelve, mixed. */
    private static final int[] IMIX_SIZES = {60, 590, 60, 590, 60, 1514, 60, 590, 60, 590, 60, 60};

    public PacketSizes {
        if (smallest < 1 || smallest > largest || largest > 0xffff) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" are no packet sizes: write bytes such as 60, 60-1514, or imix");
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static PacketSizes parse(String text) {
        if (text.equals(IMIX)) {
            return new PacketSizes(text, 60, 1514);
        }
        Matcher range = RANGE.matcher(text);
        if (!range.matches()) {
            return new PacketSizes(text, 0, 0);
        }
        int smallest = Integer.parseInt(range.group(1));
        return new PacketSizes(text, smallest, range.group(2) == null ? smallest : Integer.parseInt(range.group(2)));
    }

    /** One size, for configurations that write it as a number. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static PacketSizes of(int size) {
        return new PacketSizes(Integer.toString(size), size, size);
    }

    /** Whether small packets are made as long as they have to be, rather than refused. */
    boolean isMix() {
        return text.equals(IMIX);
    }

    /**
     * Sizes to be used one after the other, again and again: the mix, or for a range all sizes of it in an order that looks
     * random and is the same in each run.
     *
     * @param minimum shortest packet that is possible
     */
    int[] sequence(int minimum) {
        if (isMix()) {
            return Arrays.stream(IMIX_SIZES)
                    .map(size -> Math.max(size, minimum))
                    .toArray();
        }
        int count = largest - smallest + 1;
        int step = coprimeStep(count);
        int[] sizes = new int[count];
        for (int i = 0; i < count; i++) {
            sizes[i] = smallest + (int) ((long) i * step % count);
        }
        return sizes;
    }

    /** A step with which a walk around a circle of {@code count} places visits all of them; near the golden section. */
    private static int coprimeStep(int count) {
        int step = Math.max(1, (int) (count * 0.618));
        while (gcd(step, count) != 1) {
            step++;
        }
        return step;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    @Override
    public String toString() {
        return text;
    }
}
