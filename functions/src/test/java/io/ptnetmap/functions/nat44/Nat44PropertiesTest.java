// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.nat44;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.functions.Frames;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import io.ptnetmap.nfv.api.packet.Tcp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of translation whoever talks to whom. */
class Nat44PropertiesTest {
    private enum Kind {
        UDP,
        TCP,
        PING
    }

    /** A conversation: an inside endpoint with an outside one. */
    private record Talk(Kind kind, String host, int port, String server, int serverPort, int payload) {
        String inside() {
            return kind + " " + host + " " + port;
        }

        byte[] request() {
            return out(host, port);
        }

        byte[] out(String source, int sourcePort) {
            return switch (kind) {
                case UDP -> Frames.udp(source, sourcePort, server, serverPort, payload);
                case TCP -> Frames.tcp(source, sourcePort, server, serverPort, Tcp.SYN);
                case PING -> Frames.icmp(source, server, 8, 0, sourcePort);
            };
        }

        byte[] answer(String destination, int destinationPort) {
            return switch (kind) {
                case UDP -> Frames.udp(server, serverPort, destination, destinationPort, payload);
                case TCP -> Frames.tcp(server, serverPort, destination, destinationPort, Tcp.SYN | Tcp.ACK);
                case PING -> Frames.icmp(server, destination, 0, 0, destinationPort);
            };
        }
    }

    @Provide
    Arbitrary<List<Talk>> talks() {
        Arbitrary<String> hosts = Arbitraries.integers().between(1, 6).map(i -> "10.1.0." + i);
        Arbitrary<String> servers =
                Arbitraries.integers().between(0, 0xffff).map(i -> "198.51." + (i >> 8) + "." + (i & 255));
        Arbitrary<Integer> ports = Arbitraries.oneOf(
                Arbitraries.integers().between(2000, 2003),
                Arbitraries.integers().between(0, 65535));
        Arbitrary<Integer> payloads = Arbitraries.integers().between(0, 200);
        return Combinators.combine(Arbitraries.of(Kind.class), hosts, ports, servers, ports, payloads)
                .as(Talk::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    @Property(tries = 300)
    void outAndBackIsIdentity(@ForAll("talks") List<Talk> talks, @ForAll Filtering filtering) {
        Nat44 nat = nat(new Nat44Configs().filtering(filtering).external("203.0.113.1", "203.0.113.2"));
        for (Talk talk : talks) {
            byte[] sent = through(nat, talk.request());
            String external = Frames.source(sent);
            int port = Frames.sourcePort(sent);
            assertArrayEquals(talk.out(external, port), sent, "nothing else changes; checksums are right");
            assertArrayEquals(talk.answer(talk.host(), talk.port()), through(nat, talk.answer(external, port)));
            byte[] error = Frames.error("192.0.2.9", external, 11, sent, 28 + (talk.payload() & ~1));
            assertArrayEquals(
                    Frames.error("192.0.2.9", talk.host(), 11, talk.request(), 28 + (talk.payload() & ~1)),
                    through(nat, error));
        }
    }

    @Property(tries = 300)
    void insideEndpointsNeverShareAnExternalEndpoint(@ForAll("talks") List<Talk> talks) {
        Nat44 nat = nat(new Nat44Configs().external("203.0.113.1", "203.0.113.2"));
        Map<String, String> owners = new HashMap<>();
        Map<String, String> mappings = new HashMap<>();
        Map<String, String> pools = new HashMap<>();
        for (Talk talk : talks) {
            byte[] sent = through(nat, talk.request());
            String external = talk.kind() + " " + Frames.source(sent) + " " + Frames.sourcePort(sent);
            assertEquals(talk.inside(), owners.computeIfAbsent(external, key -> talk.inside()));
            assertEquals(external, mappings.computeIfAbsent(talk.inside(), key -> external));
            assertEquals(Frames.source(sent), pools.computeIfAbsent(talk.host(), key -> Frames.source(sent)));
        }
    }

    @Property(tries = 100)
    void fragmentsAreTranslatedAsTheWhole(@ForAll("talks") List<Talk> talks) {
        Nat44 nat = nat(new Nat44Configs());
        for (Talk talk : talks) {
            List<byte[]> pieces = Frames.fragments(talk.request(), 24);
            List<byte[]> sent =
                    pieces.stream().map(piece -> through(nat, piece)).toList();
            byte[] whole = Frames.reassemble(sent);
            assertTrue(Frames.checksumsValid(whole));
            assertArrayEquals(talk.out(Frames.source(whole), Frames.sourcePort(whole)), whole);
        }
    }

    private final TestBatch batch = new TestBatch();

    private Nat44 nat(Nat44Configs config) {
        Nat44 nat = new Nat44(config.build());
        nat.start(batch);
        return nat;
    }

    private byte[] through(Nat44 nat, byte[] frame) {
        batch.clear(Side.IN).add(frame).run(nat);
        assertEquals("forwarded", batch.verdict(0));
        return batch.bytes(0);
    }
}
