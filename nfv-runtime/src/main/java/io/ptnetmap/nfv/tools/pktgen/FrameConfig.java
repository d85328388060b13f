// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.nfv.tools.MacAddress;
import io.ptnetmap.nfv.tools.ToolException;

/**
 * What generated packets are like.
 *
 * @param minSize shortest frame, in bytes without the check sequence
 * @param maxSize longest one; sizes between are random
 * @param source addresses and ports
 * @param destination likewise
 * @param sourceMac Ethernet source
 * @param destinationMac Ethernet destination
 * @param randomSource whether the source is random in its range instead of going through it
 * @param randomDestination likewise
 */
public record FrameConfig(
        int minSize,
        int maxSize,
        EndpointRange source,
        EndpointRange destination,
        MacAddress sourceMac,
        MacAddress destinationMac,
        boolean randomSource,
        boolean randomDestination) {
    public static final int MIN_SIZE = 16;
    public static final int MAX_SIZE = 65_535;

    /** @throws ToolException if there can be no such frames */
    public FrameConfig {
        if (minSize < MIN_SIZE || maxSize > MAX_SIZE) {
            throw new ToolException("frames of " + minSize + (minSize == maxSize ? "" : " to " + maxSize)
                    + " bytes cannot be sent; -l takes " + MIN_SIZE + " to " + MAX_SIZE);
        }
        if (minSize > maxSize) {
            throw new ToolException("the second -l is the least size: " + minSize + " is more than " + maxSize);
        }
        if (source.ipv6() != destination.ipv6()) {
            throw new ToolException("source and destination are of different families: give both, or -4 or -6");
        }
    }

    boolean ipv6() {
        return source.ipv6();
    }
}
