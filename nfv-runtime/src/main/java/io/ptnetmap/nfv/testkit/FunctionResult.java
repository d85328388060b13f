// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.testkit;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a function did with one batch.
 *
 * @param packets the packets that were fed, in order, then those that the function created: all as it left them
 * @param verdicts on these packets: {@code forwarded}, {@code returned}, {@code consumed}, or the name of the drop's cause
 * @param drops packets dropped, by cause
 */
public record FunctionResult(List<byte[]> packets, List<String> verdicts, Map<String, Long> drops) {
    /** Packets sent on, in order, as they left. */
    public List<byte[]> forwarded() {
        return with("forwarded");
    }

    /** Packets sent back to where they came from. */
    public List<byte[]> returned() {
        return with("returned");
    }

    /** Packets consumed. */
    public long consumed() {
        return with("consumed").size();
    }

    /** Packets dropped for any cause. */
    public long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }

    private List<byte[]> with(String verdict) {
        return IntStream.range(0, packets.size())
                .filter(i -> verdicts.get(i).equals(verdict))
                .mapToObj(packets::get)
                .toList();
    }
}
