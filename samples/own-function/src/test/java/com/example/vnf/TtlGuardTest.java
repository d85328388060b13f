// SPDX-License-Identifier: BSD-2-Clause
package com.example.vnf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.testkit.FunctionResult;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TtlGuardTest {
    @Test
    void dropsPacketsBelowTheMinimumAndForwardsTheOthers() {
        byte[] old = packetWithTtl(4);
        byte[] young = packetWithTtl(5);
        try (FunctionTester tester = FunctionTester.of(new TtlGuard(new TtlGuardConfig(5)))) {
            FunctionResult result = tester.feed(old, young);
            assertEquals(1, result.forwarded().size());
            assertArrayEquals(young, result.forwarded().getFirst());
            assertEquals(Map.of("ttl-too-small", 1L), result.drops());
        }
    }

    @Test
    void forwardsWhatIsNotIpv4() {
        try (FunctionTester tester = FunctionTester.of(new TtlGuard(new TtlGuardConfig(255)))) {
            assertEquals(2, tester.feed(new byte[0], new byte[60]).forwarded().size());
        }
    }

    /** Ethernet and IPv4 headers, from 192.0.2.1 to 192.0.2.2. */
    private static byte[] packetWithTtl(int ttl) {
        byte[] packet = HexFormat.of().parseHex("020000000002" + "020000000001" + "0800"
                + "4500001400000000" + "0011" + "0000" + "c0000201" + "c0000202");
        packet[22] = (byte) ttl;
        return packet;
    }
}
