// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

/**
 * What became of one field of a packet.
 *
 * @param field its name, such as {@code ipv4.src}, or {@code bytes[42..43]} for what has none
 * @param before empty if it was not there
 * @param after empty if it is no more
 */
public record FieldChange(String field, String before, String after) {
    /** As people write it: {@code ipv4.src 10.1.0.5 -> 203.0.113.1}. */
    @Override
    public String toString() {
        return field + " " + (before.isEmpty() ? "(none)" : before) + " -> " + (after.isEmpty() ? "(none)" : after);
    }
}
