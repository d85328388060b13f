// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

/** A chain that is as fast as one worker can be until it is stopped, for measurements of what disturbs it. */
final class EndlessChain {
    /** What it is made of, for people. */
    static final String FUNCTIONS = "generator -> firewall -> nat44 -> monitor -> sink";

    private static final String DESCRIPTOR = """
            chain: %s
            functions:
              - {type: generator, config: {flows: 10000, source: 198.18.0.0/18}}
              - {type: firewall, config: {default: accept}}
              - {type: nat44, config: {inside: [198.18.0.0/18], external: [203.0.113.1]}}
              - {type: monitor, config: {top: 5}}
              - {type: sink}
            """;

    private EndlessChain() {}

    /** Its descriptor, in YAML. */
    static String descriptor(String name) {
        return DESCRIPTOR.formatted(name);
    }
}
