// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/**
 * What a port that leads out of shared memory has moved since it was opened, in packets.
 *
 * @param received put into receive rings
 * @param receiveDropped lost on the way there: the rings were full for too long, or the packet could not be taken
 * @param sent taken from transmit rings by the device
 * @param sendDropped taken from transmit rings and lost: too long for the device, malformed, or the device is down
 */
public record PortCounters(long received, long receiveDropped, long sent, long sendDropped) {}
