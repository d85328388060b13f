// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Additions to a port's specification, such as those of the option {@code -C tx-slots[,rx-slots[,tx-rings[,rx-rings]]]}. */
final class RingConfig {
    private static final List<String> KEYS = List.of("tx-slots", "rx-slots", "tx-rings", "rx-rings");

    private RingConfig() {}

    /** The specification with a flag before its options. */
    private static String withFlag(String port, String flag) {
        int options = port.indexOf('@');
        return options < 0 ? port + flag : port.substring(0, options) + flag + port.substring(options);
    }

    /** The specification of a port that is written to: a capture file is, without the user's saying so. */
    static String writing(String port) {
        return port.startsWith("pcap:") && !port.contains("/T") ? withFlag(port, "/T") : port;
    }

    /** The specification with these sizes. */
    static String apply(CommandSpec spec, String port, List<Integer> sizes) {
        if (sizes.isEmpty()) {
            return port;
        }
        ToolFailures.require(
                spec,
                sizes.size() <= KEYS.size() && sizes.stream().allMatch(size -> size >= 0),
                "-C takes up to four numbers: tx slots, rx slots, tx rings, rx rings; 0 = the port's own choice");
        ToolFailures.require(spec, !port.contains("@conf"), "sizes are given twice, by -C and in " + port);
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            if (sizes.get(i) != 0) {
                parts.add(KEYS.get(i) + "=" + sizes.get(i));
            }
        }
        // One number is for both directions.
        if (sizes.size() == 1 && sizes.getFirst() != 0) {
            parts.add("rx-slots=" + sizes.getFirst());
        }
        return parts.isEmpty() ? port : port + "@conf:" + String.join(",", parts);
    }
}
