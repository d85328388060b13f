// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.firewall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Frames;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.Stateful.Takeover;
import io.ptnetmap.nfv.api.packet.Tcp;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a firewall hands over to its successor. */
class FirewallStateTest {
    private static final RuleBuilder WEB = RuleBuilder.accept().protocol("tcp").destinationPort("80");
    private static final RuleBuilder DNS = RuleBuilder.accept().protocol("udp").destinationPort("53");

    private final FunctionTester old = FunctionTester.of(new Firewall(RuleBuilder.stateful(Action.DROP, WEB, DNS)));
    private FunctionTester young = old;

    @AfterEach
    void stop() {
        young.close();
        if (young != old) {
            old.close();
        }
    }

    /** One connection that is open, and one question without an answer. */
    private void talk() {
        assertEquals("forwarded", verdict(old, Side.IN, Frames.tcp("10.0.0.1", 4000, "192.0.2.1", 80, Tcp.SYN)));
        assertEquals("forwarded", verdict(old, Side.OUT, answer()));
        assertEquals("forwarded", verdict(old, Side.IN, Frames.udp("10.0.0.1", 5000, "192.0.2.1", 53, 8)));
    }

    private static byte[] answer() {
        return Frames.tcp("192.0.2.1", 80, "10.0.0.1", 4000, Tcp.SYN | Tcp.ACK);
    }

    private static byte[] dnsAnswer() {
        return Frames.udp("192.0.2.1", 53, "10.0.0.1", 5000, 8);
    }

    private static String verdict(FunctionTester tester, Side side, byte[] frame) {
        return tester.feed(side, List.of(frame)).verdicts().getFirst();
    }

    private Takeover handOver(FirewallConfig config, boolean written) {
        young = FunctionTester.of(new Firewall(config));
        return written ? old.handOverWritten(young) : old.handOver(young);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void flowsGoOnUnderTheSameRules(boolean written) {
        talk();
        Takeover taken = handOver(RuleBuilder.stateful(Action.DROP, WEB, DNS), written);
        assertEquals(Map.of("flows", 2L), taken.taken());
        assertEquals(Map.of(), taken.dropped());
        assertEquals("forwarded", verdict(young, Side.OUT, answer()));
        assertEquals("forwarded", verdict(young, Side.OUT, dnsAnswer()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void flowsGoOnWhereTheirRuleHasMoved(boolean written) {
        talk();
        RuleBuilder first = RuleBuilder.drop().protocol("icmp");
        Takeover taken = handOver(RuleBuilder.stateful(Action.DROP, first, DNS, WEB), written);
        assertEquals(Map.of("flows", 2L), taken.taken());
        assertEquals("forwarded", verdict(young, Side.OUT, answer()));
        assertEquals("forwarded", verdict(young, Side.OUT, dnsAnswer()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void flowsOfARuleThatIsNoMoreAreLeftAndTold(boolean written) {
        talk();
        Takeover taken = handOver(RuleBuilder.stateful(Action.DROP, WEB), written);
        assertEquals(Map.of("flows", 1L), taken.taken());
        assertEquals(Map.of("flows that no present rule has accepted", 1L), taken.dropped());
        assertEquals("forwarded", verdict(young, Side.OUT, answer()));
        assertEquals("default-policy", verdict(young, Side.OUT, dnsAnswer()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tablesMayHaveAnotherSize(boolean written) {
        talk();
        assertEquals(
                Map.of("flows beyond max-flows", 1L),
                handOver(RuleBuilder.config(Action.DROP, true, 1, WEB, DNS), written)
                        .dropped());
        young.close();
        assertEquals(
                Map.of("flows, as they are not tracked any more", 2L),
                handOver(RuleBuilder.stateless(Action.DROP, WEB, DNS), written).dropped());
    }

    @Test
    void flowsOutliveACrashUntilTheirTimeIsOver() {
        talk();
        young = FunctionTester.of(new Firewall(RuleBuilder.stateful(Action.DROP, WEB, DNS)));
        Takeover taken = old.outlive(young, Duration.ofMillis(100), () -> {});
        assertEquals(Map.of("flows", 2L), taken.taken());
        assertEquals("forwarded", verdict(young, Side.OUT, answer()));
        assertEquals("forwarded", verdict(young, Side.OUT, dnsAnswer()));
        young.close();
        young = FunctionTester.of(new Firewall(RuleBuilder.stateful(Action.DROP, WEB, DNS)));
        Takeover later = old.outlive(young, Duration.ofMinutes(2), () -> {});
        assertEquals(Map.of("flows that are over", 2L), later.dropped(), "one that opens, and one without an answer");
        assertEquals("default-policy", verdict(young, Side.OUT, dnsAnswer()));
    }

    @Test
    void countsAndFlowsOutliveACrashWhileOthersComeAndGo() {
        for (int i = 0; i < 900; i++) {
            old.feed(Frames.udp("10.0." + i / 250 + "." + i % 250, 6000, "192.0.2.1", 53, 8));
        }
        talk();
        long[] more = {0};
        young = FunctionTester.of(new Firewall(RuleBuilder.stateful(Action.DROP, WEB, DNS)));
        Takeover taken = old.outlive(young, Duration.ofMillis(100), () -> {
            old.advance(Duration.ofSeconds(5));
            old.feed(Frames.udp("10.1.0.1", (int) (7000 + more[0]++), "192.0.2.1", 53, 8));
            verdict(old, Side.OUT, answer());
            verdict(old, Side.IN, Frames.udp("10.0.0.1", 5000, "192.0.2.1", 53, 8));
        });
        assertTrue(more[0] > 2, () -> more[0] + " steps");
        assertTrue(taken.taken().get("flows") >= 2, taken::toString);
        assertEquals("forwarded", verdict(young, Side.OUT, answer()));
        assertEquals("forwarded", verdict(young, Side.OUT, dnsAnswer()));
        assertEquals(
                "[{rule=#0, hits=1}, {rule=#1, hits=901}]",
                String.valueOf(young.report().get("rules")));
    }
}
