// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Frames;
import io.ptnetmap.nfv.api.Stateful.Takeover;
import io.ptnetmap.nfv.api.packet.Tcp;
import io.ptnetmap.nfv.testkit.FunctionTester;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a nat44 hands over to its successor. */
class Nat44StateTest {
    private static final String EXTERNAL = "203.0.113.1";
    private static final String SERVER = "198.51.100.10";
    private static final int HOSTS = 40;

    private final FunctionTester old = FunctionTester.of(new Nat44(new Nat44Configs().build()));
    private FunctionTester young = old;
    private final int[] ports = new int[HOSTS];
    private Takeover taken;

    @AfterEach
    void stop() {
        young.close();
        if (young != old) {
            old.close();
        }
    }

    /** Several inside endpoints with one port, so that most of them cannot keep it. */
    private void talk() {
        for (int host = 0; host < HOSTS; host++) {
            ports[host] = Frames.sourcePort(sent(old, request(host)));
        }
    }

    private static byte[] request(int host) {
        return Frames.udp("10.1.0." + (host + 1), 5000, SERVER, 53, 8);
    }

    private static byte[] sent(FunctionTester tester, byte[] frame) {
        return tester.feed(frame).packets().getFirst();
    }

    private Takeover handOver(Nat44Configs config, boolean written) {
        young = FunctionTester.of(new Nat44(config.build()));
        return written ? old.handOverWritten(young) : old.handOver(young);
    }

    private void assertBindingsStay() {
        // In another order than at first, so that bindings made anew would be others.
        for (int host = HOSTS - 1; host >= 0; host--) {
            byte[] answer = Frames.udp(SERVER, 53, EXTERNAL, ports[host], 8);
            assertArrayEquals(Frames.udp(SERVER, 53, "10.1.0." + (host + 1), 5000, 8), sent(young, answer));
            assertEquals(ports[host], Frames.sourcePort(sent(young, request(host))));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bindingsStayWithTheSameConfiguration(boolean written) {
        talk();
        Takeover taken = handOver(new Nat44Configs(), written);
        assertEquals(Map.of("bindings", (long) HOSTS, "sessions", (long) HOSTS), taken.taken());
        assertEquals(Map.of(), taken.dropped());
        assertBindingsStay();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bindingsStayInTablesOfAnotherSize(boolean written) {
        talk();
        assertEquals(
                Map.of(), handOver(new Nat44Configs().maxSessions(77), written).dropped());
        assertBindingsStay();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connectionsStayOpenAndTimesGoOn(boolean written) {
        byte[] syn = Frames.tcp("10.1.0.1", 5000, SERVER, 80, Tcp.SYN);
        sent(old, syn);
        sent(old, Frames.tcp(SERVER, 80, EXTERNAL, 5000, Tcp.SYN | Tcp.ACK));
        sent(old, Frames.tcp("10.1.0.1", 5000, SERVER, 80, Tcp.ACK));
        handOver(new Nat44Configs().maxSessions(77), written);
        young.advance(Duration.ofMinutes(30)); // far beyond what an opening connection gets
        byte[] answer = Frames.tcp(SERVER, 80, EXTERNAL, 5000, Tcp.ACK);
        assertArrayEquals(Frames.tcp(SERVER, 80, "10.1.0.1", 5000, Tcp.ACK), sent(young, answer));
    }

    @Test
    void whatMeansNothingAnyMoreIsLeftAndTold() {
        talk();
        Takeover few = handOver(new Nat44Configs().maxSessions(10), false);
        assertEquals(Map.of("sessions beyond max-sessions", HOSTS - 10L), few.dropped());
        young.close();
        Takeover elsewhere = handOver(new Nat44Configs().external("203.0.113.99"), true);
        assertEquals(Map.of("sessions of addresses that are no longer external", (long) HOSTS), elsewhere.dropped());
        assertEquals(Map.of("bindings", 0L, "sessions", 0L), elsewhere.taken());
        young.close();
        Takeover narrow = handOver(new Nat44Configs().ports("5000-5000"), false);
        assertEquals(Map.of("sessions of ports outside port-range", HOSTS - 1L), narrow.dropped());
    }

    private static final Duration SOON = Duration.ofMillis(300);

    private void outlive(Nat44Configs config, Duration later, Runnable between) {
        young = FunctionTester.of(new Nat44(config.build()));
        taken = old.outlive(young, later, between);
    }

    @Test
    void bindingsOutliveACrash() {
        talk();
        outlive(new Nat44Configs(), SOON, () -> {});
        assertEquals(Map.of("bindings", (long) HOSTS, "sessions", (long) HOSTS), taken.taken());
        assertEquals(Map.of(), taken.dropped());
        assertBindingsStay();
    }

    /** A scan has several steps then, and traffic begins and ends sessions between them. */
    @Test
    void bindingsThatStayOutliveACrashWhateverComesAndGoes() {
        for (int i = 0; i < 2000; i++) {
            sent(old, Frames.udp("10.1.4." + i % 250, 6000 + i / 250, SERVER, 53, 8));
        }
        talk();
        for (int i = 2000; i < 4000; i++) {
            sent(old, Frames.udp("10.1.4." + i % 250, 6000 + i / 250, SERVER, 53, 8));
        }
        int[] steps = {0};
        outlive(new Nat44Configs(), SOON, () -> {
            // The others have been silent for longer than these, which are kept alive: their ports get others'.
            old.advance(Duration.ofSeconds(40));
            for (int host = 0; host < HOSTS; host++) {
                sent(old, request(host));
            }
            for (int i = 0; i < 100; i++) {
                sent(old, Frames.udp("10.1.5." + i, 5000 + steps[0], SERVER, 53, 8));
            }
            steps[0]++;
        });
        assertTrue(steps[0] > 10, () -> steps[0] + " steps");
        assertBindingsStay();
    }

    @Test
    void sessionsEndByTheTimeThatHasPassed() {
        talk();
        old.advance(Duration.ofMinutes(4));
        sent(old, request(0));
        outlive(new Nat44Configs(), Duration.ofMinutes(2), () -> {});
        assertEquals(Map.of("bindings", 1L, "sessions", 1L), taken.taken());
        assertEquals(Map.of("sessions that are over", HOSTS - 1L), taken.dropped());
        byte[] answer = Frames.udp(SERVER, 53, EXTERNAL, ports[0], 8);
        young.advance(Duration.ofSeconds(179));
        assertEquals(1, young.report().get("sessions"), "five minutes after its last packet");
        young.advance(Duration.ofSeconds(2));
        assertEquals(0, young.report().get("sessions"));
        assertEquals(Map.of("no-mapping", 1L), young.feedReverse(answer).drops());
    }

    @Test
    void anotherExternalAddressLeavesNothing() {
        talk();
        outlive(new Nat44Configs().external("203.0.113.99"), SOON, () -> {});
        assertEquals(Map.of("sessions of addresses that are no longer external", (long) HOSTS), taken.dropped());
        assertEquals(0, young.report().get("sessions"));
    }
}
