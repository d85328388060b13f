// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

/**
 * A hop to be watched, as the parts of the chain are told. A packet has passed it when it comes in at the function behind.
 *
 * @param from the function before it
 * @param to the function behind it
 * @param filter a {@link io.ptnetmap.capture.PacketFilter}'s program
 * @param snaplen most bytes of each packet
 * @param count packets after which each part stops; 0 = none
 * @param ringBytes for each direction
 */
public record TapSpec(String from, String to, long[] filter, int snaplen, long count, int ringBytes) {}
