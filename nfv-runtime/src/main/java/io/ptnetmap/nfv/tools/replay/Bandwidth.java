// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.replay;

import io.ptnetmap.nfv.tools.ToolException;
import java.util.Optional;

/** How long a packet occupies the link. For one thread. */
public interface Bandwidth {
    /**
     * Nanoseconds that the link is busy with a packet.
     *
     * @param bytes of it
     * @param gapNanos since the one before it in the file
     */
    double busyNanos(int bytes, long gapNanos);

    /** Bytes around a frame on an Ethernet: preamble, check sequence, gap. */
    int ETHERNET_FRAMING = 24;

    /**
     * Reads {@code BPS}, {@code constant,BPS}, {@code ether,BPS} or {@code real[,SPEED]}.
     *
     * @throws ToolException if it is none of them
     */
    static Bandwidth parse(String text) {
        Words words = Words.of(text);
        Optional<Double> bare = words.onlyNumber(Words.RATES);
        if (bare.isPresent()) {
            return constant(positive(bare.get(), text), 0);
        }
        return switch (words.name()) {
            case "constant" -> constant(positive(words.arguments("-B", Words.RATES, 1)[0], text), 0);
            case "ether" -> constant(positive(words.arguments("-B", Words.RATES, 1)[0], text), ETHERNET_FRAMING);
            case "real" -> {
                double speed = words.count() == 0 ? 1 : positive(words.arguments("-B", Words.RATES, 1)[0], text);
                yield (bytes, gap) -> gap / speed;
            }
            default ->
                throw new ToolException(
                        "-B takes BPS, constant,BPS, ether,BPS or real[,SPEED], such as 100M, not '" + text + "'");
        };
    }

    private static Bandwidth constant(double bitsPerSecond, int framing) {
        double nanosPerByte = Byte.SIZE * 1e9 / bitsPerSecond;
        return (bytes, gap) -> (bytes + framing) * nanosPerByte;
    }

    private static double positive(double value, String text) {
        if (value <= 0) {
            throw new ToolException("-B " + text + ": a link without bandwidth sends nothing; give more than 0");
        }
        return value;
    }
}
