// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.replay;

import io.ptnetmap.nfv.tools.ToolException;
import java.util.Optional;

/** How likely a packet is lost. For one thread. */
public interface Loss {
    /** Probability that a packet of this many bytes is lost, 0 to 1. */
    double probability(int bytes);

    /**
     * Reads {@code P}, {@code plr,P} (of packets) or {@code ber,P} (of bits).
     *
     * @throws ToolException if it is none of them
     */
    static Loss parse(String text) {
        Words words = Words.of(text);
        Optional<Double> bare = words.onlyNumber(Words.PLAIN);
        if (bare.isPresent()) {
            double probability = probability(bare.get(), text);
            return bytes -> probability;
        }
        return switch (words.name()) {
            case "plr" -> {
                double probability = probability(words.arguments("-L", Words.PLAIN, 1)[0], text);
                yield bytes -> probability;
            }
            case "ber" -> {
                // All bits arrive with the probability that each does, to the power of their number.
                double survival = Math.log1p(-probability(words.arguments("-L", Words.PLAIN, 1)[0], text));
                yield bytes -> -Math.expm1(survival * bytes * Byte.SIZE);
            }
            default ->
                throw new ToolException(
                        "-L takes P, plr,P or ber,P with P from 0 to 1, such as 0.01, not '" + text + "'");
        };
    }

    private static double probability(double value, String text) {
        if (value > 1) {
            throw new ToolException("-L " + text + ": a probability is 0 to 1");
        }
        return value;
    }
}
