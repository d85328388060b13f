// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.testkit;

import java.util.List;
import java.util.Map;

/**
 * What a function did with one batch.
 *
 * @param forwarded packets sent on, in order, as they left
 * @param returned packets sent back to where they came from
 * @param drops packets dropped, by cause
 * @param consumed packets consumed
 */
public record FunctionResult(List<byte[]> forwarded, List<byte[]> returned, Map<String, Long> drops, long consumed) {
    /** Packets dropped for any cause. */
    public long dropped() {
        return drops.values().stream().mapToLong(Long::longValue).sum();
    }
}
