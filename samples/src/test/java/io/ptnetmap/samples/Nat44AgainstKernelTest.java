// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.nat44.Nat44;
import io.ptnetmap.functions.nat44.Nat44Config;
import io.ptnetmap.nfv.testkit.FunctionResult;
import io.ptnetmap.nfv.testkit.FunctionTester;
import io.ptnetmap.samples.Capture.Frame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * nat44 makes of a gateway's recorded traffic what Linux's own NAT made of it. All flows keep their ports in the recording,
 * so the two have no choice left.
 */
class Nat44AgainstKernelTest {
    private static final String CONFIG = """
            inside: [10.1.0.0/24]
            external: [203.0.113.1]
            """;
    private static final String GATEWAY_INSIDE = "10.1.0.1";
    private static final String GATEWAY_OUTSIDE = "203.0.113.1";
    /** What tshark must not find; it also adds up TCP and UDP that ICMP errors quote only in part, which is of no use. */
    private static final String WRONG = "ip && (ip.checksum.status == \"Bad\" || icmp.checksum.status == \"Bad\""
            + " || !(icmp.type == 3 || icmp.type == 11) && (_ws.malformed"
            + " || tcp.checksum.status == \"Bad\" || udp.checksum.status == \"Bad\"))";

    private long unknownInbound;

    @Test
    void translatesAsTheKernelDoes() {
        Map<String, Integer> sentByKernel = new HashMap<>();
        for (Frame frame : Capture.read(Capture.TRAFFIC.resolve("gateway-out.pcapng"))) {
            if (Ip.isIpv4(frame.bytes()) && !Ip.source(frame.bytes()).equals(GATEWAY_INSIDE)) {
                sentByKernel.merge(Ip.identity(frame.bytes()), 1, Integer::sum);
            }
        }
        int routed = 0;
        for (Frame frame : translated()) {
            byte[] bytes = frame.bytes();
            if (Ip.isIpv4(bytes) && Ip.ttl(bytes) > 1 && !Ip.destination(bytes).equals(GATEWAY_INSIDE)) {
                String identity = Ip.identity(Ip.withTtl(bytes, Ip.ttl(bytes) - 1));
                assertTrue(
                        sentByKernel.getOrDefault(identity, 0) > 0,
                        () -> Ip.source(bytes) + " > " + Ip.destination(bytes) + " was not sent by the kernel: "
                                + identity);
                sentByKernel.merge(identity, -1, Integer::sum);
                routed++;
            }
        }
        assertTrue(routed > 1000, "the recording has more packets");
        int left = sentByKernel.values().stream().mapToInt(Integer::intValue).sum();
        assertEquals(unknownInbound, left, "the kernel's own answers to packets for itself are all that is left");
    }

    @Test
    void tsharkFindsNothingWrong(@TempDir Path directory) {
        Tools.need("tshark");
        Path file = directory.resolve("translated.pcap");
        Capture.write(file, translated());
        assertEquals(
                List.of(),
                Tools.run(
                        "tshark",
                        "-r",
                        file.toString(),
                        "-o",
                        "ip.check_checksum:TRUE",
                        "-o",
                        "tcp.check_checksum:TRUE",
                        "-o",
                        "udp.check_checksum:TRUE",
                        "-o",
                        "tcp.desegment_tcp_streams:FALSE",
                        "-Y",
                        "(" + WRONG + ") && !(icmp.type == 3 || icmp.type == 11)"));
    }

    /** What nat44 forwards of what the gateway received. */
    private List<Frame> translated() {
        List<Frame> translated = new ArrayList<>();
        List<Frame> received = Capture.read(Capture.TRAFFIC.resolve("gateway-in.pcapng"));
        try (FunctionTester tester = FunctionTester.of(new Nat44(Configs.read("nat44", Nat44Config.class, CONFIG)))) {
            long clock = received.getFirst().timestampNanos();
            for (Frame frame : received) {
                tester.advance(Duration.ofNanos(frame.timestampNanos() - clock));
                clock = frame.timestampNanos();
                FunctionResult result = tester.feed(frame.bytes());
                result.forwarded().forEach(bytes -> translated.add(new Frame(frame.timestampNanos(), bytes)));
                result.drops().forEach((cause, count) -> countDrop(cause, frame.bytes()));
            }
        }
        return translated;
    }

    private void countDrop(String cause, byte[] frame) {
        assertEquals("no-mapping", cause);
        assertEquals(GATEWAY_OUTSIDE, Ip.destination(frame));
        unknownInbound++;
    }
}
