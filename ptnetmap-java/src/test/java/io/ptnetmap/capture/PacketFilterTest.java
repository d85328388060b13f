// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.capture;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters want the packets that tcpdump wants, and programs do what libpcap has them do, hostile ones included. */
class PacketFilterTest {
    private static final Path TCPDUMP = Path.of("/usr/bin/tcpdump");
    private static final Path TRAFFIC = Path.of("..", "samples", "traffic");

    private static final List<String> EXPRESSIONS = List.of(
            "ip",
            "ip6",
            "arp or icmp",
            "tcp",
            "udp port 53",
            "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
            "net 10.1.0.0/24",
            "src host 10.1.0.5 and not tcp port 80",
            "portrange 1024-40000",
            "greater 200",
            "less 100",
            "len > 60 and len <= 74",
            "ip[8] > 63",
            "ip[0] & 0xf != 5",
            "ether[0] & 1 = 1",
            "ether proto 0x0800",
            "vlan",
            "vlan 100 and ip",
            "ip proto 17 and ip[2:2] > 60",
            "udp[4:2] - 8 > 32",
            "tcp[12] >> 4 > 5",
            "(ip[2:2] - ((ip[0]&0xf)<<2) - ((tcp[12]&0xf0)>>2)) != 0",
            "ip[2:2] % 2 = 1 or ip6[4:2] / 3 > 7",
            "ip6 and icmp6",
            "multicast",
            "broadcast",
            "not ip and not ip6");

    private static void assumeTcpdump() {
        assumeTrue(Files.isExecutable(TCPDUMP), "tcpdump is not installed");
        assumeLibpcap();
    }

    private static void assumeLibpcap() {
        try {
            Libpcap.library();
        } catch (CaptureException missing) {
            abort(missing.getMessage());
        }
    }

    static List<String> expressions() {
        return EXPRESSIONS;
    }

    @ParameterizedTest
    @MethodSource("expressions")
    void wantsWhatTcpdumpWants(String expression) throws Exception {
        assumeTcpdump();
        PacketFilter filter = PacketFilter.compile(expression);
        for (Path capture : captures()) {
            assertEquals(wantedByTcpdump(capture, expression), wanted(capture, filter), capture + ": " + expression);
        }
    }

    @Test
    void mostExpressionsTellTheSamplesPacketsApart() throws Exception {
        assumeTcpdump();
        int telling = 0;
        for (String expression : EXPRESSIONS) {
            PacketFilter filter = PacketFilter.compile(expression);
            int some = 0;
            int all = 0;
            for (Path capture : captures()) {
                some += wanted(capture, filter).size();
                all += wanted(capture, PacketFilter.ALL).size();
            }
            telling += some > 0 && some < all ? 1 : 0;
        }
        assertTrue(telling >= 15, telling + " of " + EXPRESSIONS.size());
    }

    @ParameterizedTest
    @MethodSource("expressions")
    void compilesToWhatTcpdumpCompilesTo(String expression) throws Exception {
        assumeTcpdump();
        Process tcpdump = new ProcessBuilder(
                        TCPDUMP.toString(), "-ddd", "-r", captures().getFirst().toString(), expression)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String theirs = String.join("\n", tcpdump.inputReader().lines().toList());
        assertEquals(0, tcpdump.waitFor());
        // What is kept of a packet differs: its length is what an accepting program returns.
        String ours = PacketFilter.compile(expression).toString();
        assertEquals(withoutSnaplen(theirs), withoutSnaplen(ours));
        assertEquals(
                ours,
                PacketFilter.of(PacketFilter.compile(expression).instructions()).toString());
    }

    private static String withoutSnaplen(String program) {
        return program.replaceAll("(?m)^6 0 0 [1-9][0-9]*$", "6 0 0 snaplen");
    }

    private static List<Path> captures() throws IOException {
        try (Stream<Path> files = Files.list(TRAFFIC)) {
            return files.filter(file -> file.toString().matches(".*\\.pcap(ng)?"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> wanted(Path capture, PacketFilter filter) {
        List<String> wanted = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(capture);
                Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(CaptureReader.MAX_PACKET_LENGTH);
            while (reader.next()) {
                reader.copyTo(0, memory.address(), reader.length());
                if (filter.matches(memory.address(), reader.length(), reader.originalLength())) {
                    wanted.add(reader.timestampNanos() / 1000 + " " + reader.originalLength());
                }
            }
        }
        return wanted;
    }

    private static List<String> wantedByTcpdump(Path capture, String expression) throws Exception {
        Path result = Files.createTempFile("wanted", ".pcap");
        try {
            Process tcpdump = new ProcessBuilder(
                            TCPDUMP.toString(), "-r", capture.toString(), "-w", result.toString(), expression)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertEquals(0, tcpdump.waitFor());
            return wanted(result, PacketFilter.ALL);
        } finally {
            Files.delete(result);
        }
    }

    @Test
    void anEmptyExpressionWantsAll() {
        assertTrue(PacketFilter.compile(" ").isAll());
        assertTrue(PacketFilter.ALL.matches(0, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp prot 53", "host", "ip[", "tcp port 99999999"})
    void whatIsNoExpressionIsRefused(String expression) {
        assumeLibpcap();
        PacketFilterException refusal =
                assertThrows(PacketFilterException.class, () -> PacketFilter.compile(expression));
        assertTrue(refusal.getMessage().startsWith("'" + expression + "' is no packet filter: "), refusal::getMessage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp.port == 80", "ip.src==10.0.0.1 && udp", "http.host contains example", "frame.len>100"})
    void whoWritesADisplayFilterIsToldSo(String expression) {
        assumeLibpcap();
        PacketFilterException refusal =
                assertThrows(PacketFilterException.class, () -> PacketFilter.compile(expression));
        assertTrue(refusal.getMessage().contains("'tcp.port == 80' is written 'tcp port 80'"), refusal::getMessage);
    }

    @Test
    void whoWritesSomethingElseIsNot() {
        assumeLibpcap();
        PacketFilterException refusal =
                assertThrows(PacketFilterException.class, () -> PacketFilter.compile("prot udp and host 10.0.0.1 > 5"));
        assertFalse(refusal.getMessage().contains("Wireshark"), refusal::getMessage);
    }

    /**
     * Random programs, most of them with something forbidden in them: whatever is let through runs to its end within the packet, with
     * the outcome that libpcap's interpreter has.
     */
    @Test
    void hostileProgramsAreRefusedOrRunAsInLibpcap() throws Throwable {
        assumeLibpcap();
        SymbolLookup library = Libpcap.library();
        MethodHandle run = Linker.nativeLinker()
                .downcallHandle(
                        library.findOrThrow("bpf_filter"),
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
        MethodHandle validate = Linker.nativeLinker()
                .downcallHandle(
                        library.findOrThrow("bpf_validate"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        Random random = new Random(7);
        int accepted = 0;
        int refused = 0;
        int nonzero = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = arena.allocate(64 * Long.BYTES, Long.BYTES);
            MemorySegment packet = arena.allocate(256);
            for (int round = 0; round < 300_000; round++) {
                long[] code = program(random);
                MemorySegment.copy(MemorySegment.ofArray(code), 0, program, 0, code.length * (long) Long.BYTES);
                for (int i = 0; i < 64; i++) {
                    packet.set(JAVA_INT, i * 4L, random.nextInt());
                }
                boolean valid = (int) validate.invokeExact(program, code.length) != 0;
                PacketFilter filter;
                try {
                    filter = PacketFilter.of(code);
                } catch (PacketFilterException refusal) {
                    refused++;
                    continue;
                }
                assertTrue(valid, () -> "libpcap refuses " + String.join(",", describe(code)));
                accepted++;
                int present = random.nextInt(120);
                int original = present + random.nextInt(3);
                int theirs = (int) run.invokeExact(program, packet, original, present);
                nonzero += theirs != 0 ? 1 : 0;
                assertEquals(
                        theirs != 0,
                        filter.matches(packet.address(), present, original),
                        () -> String.join(",", describe(code)));
            }
        }
        assertTrue(accepted > 5_000 && refused > 5_000, accepted + " accepted, " + refused + " refused");
        assertTrue(nonzero > 1_000 && nonzero < accepted - 1_000, nonzero + " of " + accepted);
    }

    private static List<String> describe(long[] code) {
        return Stream.of(code)
                .flatMap(all -> Arrays.stream(all).mapToObj(Long::toHexString))
                .toList();
    }

    private static final int[] CODES = {
        0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80, 0x01, 0x61, 0x81, 0xb1, 0x02, 0x03, 0x04, 0x0c, 0x14,
                0x1c,
        0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0x94, 0x9c, 0xa4, 0xac, 0x05,
                0x15,
        0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x16, 0x07, 0x87
    };

    /** Stores come first, so that no load sees what libpcap's stack happens to hold. */
    private static long[] program(Random random) {
        int length = 17 + random.nextInt(12);
        long[] code = new long[length];
        for (int i = 0; i < length; i++) {
            if (i < 16) {
                code[i] = 0x02 | (long) i << 32;
                continue;
            }
            long operation = random.nextInt(40) == 0 ? random.nextInt(1 << 16) : CODES[random.nextInt(CODES.length)];
            long k = switch (random.nextInt(8)) {
                case 0 -> random.nextInt();
                case 1 -> 0xffff_fff0 + random.nextInt(16);
                case 2 -> random.nextInt(128);
                default -> random.nextInt(16);
            };
            long ifTrue = random.nextInt(10) == 0 ? random.nextInt(256) : random.nextInt(Math.max(1, length - i));
            long ifFalse = random.nextInt(10) == 0 ? random.nextInt(256) : random.nextInt(Math.max(1, length - i));
            code[i] = operation | ifTrue << 16 | ifFalse << 24 | k << 32;
        }
        if (random.nextInt(10) != 0) {
            code[length - 1] = 0x16;
        }
        return code;
    }

    @Test
    void aProgramThatDoesNotReturnIsRefused() {
        assertThrows(PacketFilterException.class, () -> PacketFilter.of());
        assertThrows(PacketFilterException.class, () -> PacketFilter.of(0x00));
        long backwards = 0x05 | 0xffff_ffffL << 32;
        assertThrows(PacketFilterException.class, () -> PacketFilter.of(0x00, backwards, 0x06));
    }

    @Test
    void aLoadBeyondThePacketRefusesIt() {
        long loadWord60 = 0x20 | 60L << 32;
        long accept = 0x06 | 1L << 32;
        PacketFilter filter = PacketFilter.of(loadWord60, accept);
        try (Arena arena = Arena.ofConfined()) {
            long packet = arena.allocate(64).address();
            assertTrue(filter.matches(packet, 64, 64));
            assertFalse(filter.matches(packet, 63, 64));
            assertFalse(filter.matches(packet, 0, 64));
        }
    }
}
