// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.replay;

import io.ptnetmap.nfv.tools.ToolException;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How long a packet is under way. For one thread. */
public interface Delay {
    /** Nanoseconds from the end of the link to the other end. */
    double nanos(RandomGenerator random);

    /**
     * Reads {@code T}, {@code constant,T}, {@code uniform,MIN,MAX} or {@code exp,MIN,AVG}.
     *
     * @throws ToolException if it is none of them
     */
    static Delay parse(String text) {
        Words words = Words.of(text);
        Optional<Double> bare = words.onlyNumber(Words.TIMES);
        if (bare.isPresent()) {
            double nanos = bare.get();
            return random -> nanos;
        }
        return switch (words.name()) {
            case "constant" -> {
                double nanos = words.arguments("-D", Words.TIMES, 1)[0];
                yield random -> nanos;
            }
            case "uniform" -> {
                double[] range = ordered(words, text);
                yield random -> range[0] + random.nextDouble() * (range[1] - range[0]);
            }
            case "exp" -> {
                double[] range = ordered(words, text);
                yield random -> range[0] + random.nextExponential() * (range[1] - range[0]);
            }
            default ->
                throw new ToolException("-D takes T, constant,T, uniform,MIN,MAX or exp,MIN,AVG, such as 20m for 20"
                        + " milliseconds, not '" + text + "'");
        };
    }

    private static double[] ordered(Words words, String text) {
        double[] range = words.arguments("-D", Words.TIMES, 2);
        if (range[0] > range[1]) {
            throw new ToolException("-D " + text + ": the first time is the smaller one");
        }
        return range;
    }
}
