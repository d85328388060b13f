// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.jmh;

import io.ptnetmap.nfv.api.Packet;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.EtherType;
import io.ptnetmap.nfv.api.packet.Ethernet;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.IpProtocol;
import io.ptnetmap.nfv.api.packet.Rewrite;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What functions do to a packet that is in the processor's cache: UDP over IPv4. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgs = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PacketBenchmark {
    private static final int L3 = Ethernet.HEADER_LENGTH;
    private static final int L4 = L3 + 20;

    @Param({"60", "1514"})
    private int size;

    private final Packet packet = new Packet();
    private final Headers headers = new Headers();
    private final Ethernet ethernet = new Ethernet();
    private int port;

    @Setup
    public void write() {
        Arena arena = Arena.ofAuto();
        packet.wrap(
                arena.allocate(size).address(),
                size,
                size,
                size,
                arena.allocate(8).address());
        packet.u16(Ethernet.ETHER_TYPE_OFFSET, EtherType.IPV4);
        packet.u8(L3, 0x45);
        packet.u16(L3 + 2, size - L3);
        packet.u8(L3 + 9, IpProtocol.UDP);
        packet.u16(L3 + 10, Checksum.of(packet, L3, 20));
        packet.u16(L4 + 4, size - L4);
        headers.parse(packet);
        Checksum.fillTransport(headers);
    }

    /** Source and destination MAC address exchanged. */
    @Benchmark
    public boolean swap() {
        boolean there = ethernet.wrap(packet);
        long destination = ethernet.destination();
        ethernet.destination(ethernet.source());
        ethernet.source(destination);
        return there;
    }

    /** All that functions ask of a packet, found. */
    @Benchmark
    public boolean parse() {
        return headers.parse(packet);
    }

    /** Source address and port changed, both checksums by increments; parsing included. */
    @Benchmark
    public boolean rewrite() {
        boolean wellFormed = headers.parse(packet);
        Rewrite.source(headers, port * 31, port++ & 0xffff);
        return wellFormed;
    }

    /** The checksum of UDP in full. */
    @Benchmark
    public boolean checksum() {
        return Checksum.fillTransport(headers);
    }
}
