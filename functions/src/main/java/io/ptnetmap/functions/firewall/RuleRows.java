// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import java.util.Arrays;

/**
 * The rules for one address family as rows of plain numbers, so that a scan of thousands of them runs through memory in
 * order and mostly needs one comparison per row.
 *
 * <p>A row has one source and one destination prefix, one range of source and one of destination ports: a rule with several of
 * them becomes as many rows as there are combinations.
 */
final class RuleRows {
    /** Returned by {@link #find} where no row matches. */
    static final int NONE = -1;

    private static final int INITIAL_ROWS = 16;

    private final int addressWords;
    private int count;
    /** Pairs of value and mask, {@link #addressWords} of them per row. */
    private long[] addresses;
    /** The value of {@link Subject#traits} above its mask. */
    private long[] traits = new long[INITIAL_ROWS];
    /** Four 16-bit numbers: lowest and highest source port, lowest and highest destination port. */
    private long[] ports = new long[INITIAL_ROWS];
    /** Set of {@link ConnectionState#bit}. */
    private int[] states = new int[INITIAL_ROWS];

    private int[] rules = new int[INITIAL_ROWS];

    /** @param addressWords {@link Subject#IPV4_WORDS} or {@link Subject#IPV6_WORDS} */
    RuleRows(int addressWords) {
        this.addressWords = addressWords;
        addresses = new long[2 * INITIAL_ROWS * addressWords];
    }

    /** Number of rows. */
    int count() {
        return count;
    }

    /**
     * Appends a row.
     *
     * @param values the addresses, as in {@link Subject#addresses}
     * @param masks which of their bits count
     * @param traits value and mask, as in {@link #traits}
     * @param ports as in {@link #ports}
     * @param states as in {@link #states}
     * @param rule what {@link #find} returns for this row
     */
    void add(long[] values, long[] masks, long traits, long ports, int states, int rule) {
        if (count == rules.length) {
            grow();
        }
        for (int word = 0; word < addressWords; word++) {
            int at = 2 * (count * addressWords + word);
            addresses[at] = values[word] & masks[word];
            addresses[at + 1] = masks[word];
        }
        this.traits[count] = traits;
        this.ports[count] = ports;
        this.states[count] = states;
        rules[count++] = rule;
    }

    private void grow() {
        int size = 2 * count;
        addresses = Arrays.copyOf(addresses, 2 * size * addressWords);
        traits = Arrays.copyOf(traits, size);
        ports = Arrays.copyOf(ports, size);
        states = Arrays.copyOf(states, size);
        rules = Arrays.copyOf(rules, size);
    }

    /** The rule of the first row that matches, or {@link #NONE}. */
    int find(Subject subject) {
        for (int row = 0; row < count; row++) {
            if (addressesMatch(row, subject) && othersMatch(row, subject)) {
                return rules[row];
            }
        }
        return NONE;
    }

    private boolean addressesMatch(int row, Subject subject) {
        int at = 2 * row * addressWords;
        for (int word = 0; word < addressWords; word++, at += 2) {
            if ((subject.addresses[word] & addresses[at + 1]) != addresses[at]) {
                return false;
            }
        }
        return true;
    }

    private boolean othersMatch(int row, Subject subject) {
        long trait = traits[row];
        long range = ports[row];
        return (subject.traits() & (int) trait) == (int) (trait >>> 32)
                && (subject.state.bit() & states[row]) != 0
                && subject.sourcePort >= (range >>> 48)
                && subject.sourcePort <= (range >>> 32 & 0xffff)
                && subject.destinationPort >= (range >>> 16 & 0xffff)
                && subject.destinationPort <= (range & 0xffff);
    }
}
