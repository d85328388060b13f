// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.generator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.functions.Tool;
import io.ptnetmap.functions.pcap.PcapSink;
import io.ptnetmap.functions.pcap.PcapSinkConfig;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.packet.Checksum;
import io.ptnetmap.nfv.api.packet.Headers;
import io.ptnetmap.nfv.api.packet.Ipv4;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratorTest {
    @TempDir
    Path directory;

    private TestBatch batch;

    @BeforeEach
    void emptyBatch() {
        batch = new TestBatch(directory);
    }

    @ParameterizedTest
    @CsvSource({"60-1514,UDP,4", "80-1514,UDP,6", "72-1514,TCP,4", "92-1514,TCP,6", "imix,TCP,6", "60,UDP,4"})
    void everyPacketIsCorrect(String size, TransportProtocol protocol, int ipVersion) {
        Generator generator = new Generator(GeneratorConfigs.of(size, 1000, protocol, ipVersion));
        Headers headers = new Headers();
        Ipv4 ipv4 = new Ipv4();
        Set<Integer> lengths = new HashSet<>();
        long sequence = 0;
        while (sequence < 100_000) {
            batch.clear().run(generator);
            assertEquals(PacketBatch.MAX_SIZE, batch.created());
            for (int i = 0; i < batch.created(); i++) {
                assertTrue(
                        headers.parse(batch.packet(i)), () -> headers.defect().toString());
                assertEquals(protocol.number(), headers.protocol());
                assertEquals(batch.packet(i).length(), headers.payloadOffset() + headers.payloadLength());
                assertTrue(ipVersion == 6 || ipv4.wrap(batch.packet(i), 14) && Checksum.valid(ipv4));
                assertTrue(Checksum.transportValid(headers));
                assertEquals(sequence, Probe.sequence(batch.packet(i), headers.payloadOffset()));
                lengths.add(batch.packet(i).length());
                sequence++;
            }
        }
        PacketSizes sizes = PacketSizes.parse(size);
        assertEquals(sizes.isMix() ? 3 : sizes.largest() - sizes.smallest() + 1, lengths.size());
    }

    @ParameterizedTest
    @CsvSource({"60-1514,UDP,4", "80-1514,UDP,6", "72-1514,TCP,4", "92-1514,TCP,6"})
    void tsharkFindsGoodChecksums(String size, TransportProtocol protocol, int ipVersion) throws Exception {
        Generator generator = new Generator(GeneratorConfigs.of(size, 77, protocol, ipVersion));
        PcapSink sink =
                new PcapSink(new PcapSinkConfig("out.pcap", CaptureFormat.PCAP, TimestampPrecision.NANO, 65_535));
        sink.start(batch);
        for (int i = 0; i < 6; i++) {
            batch.clear().run(generator).createdAsInput().run(sink);
        }
        sink.stop();
        String layer = protocol.name().toLowerCase(Locale.ROOT);
        List<String> lines = Tool.lines(
                "tshark",
                "-n",
                "-r",
                directory.resolve("out.pcap").toString(),
                "-T",
                "fields",
                "-o",
                "ip.check_checksum:TRUE",
                "-o",
                layer + ".check_checksum:TRUE",
                "-e",
                "ip.checksum.status",
                "-e",
                layer + ".checksum.status",
                "-e",
                "_ws.malformed");
        assertEquals(6 * PacketBatch.MAX_SIZE, lines.size());
        String good = ipVersion == 4 ? "1\t1\t" : "\t1\t";
        assertEquals(0, lines.stream().filter(line -> !line.equals(good)).count(), () -> "such as " + lines.getFirst());
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.0.0/24,10.2.0.1,1024-1033,80-81,5080",
        "10.1.0.0/31,10.2.0.0/30,7,9,4",
        "2001:db8::/64,2001:db8:1::/126,5-6,9,600",
        "2001:db8::/127,2001:db8:1::5,5-6,9,4"
    })
    void makesDistinctFlowsWithinThePrefixes(String source, String destination, String from, String to, int flows) {
        Generator generator = new Generator(GeneratorConfigs.between(source, destination, from, to, flows));
        Headers headers = new Headers();
        Set<List<Long>> seen = new HashSet<>();
        for (int made = 0; made < 2 * flows; made += batch.created()) {
            batch.clear().run(generator);
            for (int i = 0; i < batch.created(); i++) {
                assertTrue(headers.parse(batch.packet(i)));
                seen.add(List.of(
                        headers.sourceHigh(),
                        headers.sourceLow(),
                        headers.destinationHigh(),
                        headers.destinationLow(),
                        (long) headers.ports()));
            }
        }
        assertEquals(flows, seen.size());
        ConfigurationException e = assertThrows(
                ConfigurationException.class,
                () -> new Generator(GeneratorConfigs.between("10.1.0.0/31", "10.2.0.0/30", "7", "9", 5)));
        assertEquals("flows", e.field());
        assertTrue(e.getMessage().contains("make 4 flows only"), e::getMessage);
    }

    @Test
    void keepsTheRateAndTheCount() {
        Generator generator = new Generator(GeneratorConfigs.of(1_000, 2_500, "60", 1, TransportProtocol.UDP, 4, 0));
        assertEquals(1, batch.clear().run(generator).created());
        batch.advance(999_999);
        assertEquals(0, batch.clear().run(generator).created());
        batch.advance(1);
        assertEquals(1, batch.clear().run(generator).created());
        batch.advance(100_000_000);
        assertEquals(100, batch.clear().run(generator).created());
        batch.advance(10_000_000_000L);
        int afterStall = drain(generator);
        assertEquals(1_000, afterStall, "makes up for one second at most");
        batch.advance(1_000_000_000);
        assertEquals(1_000, drain(generator));
        assertFalse(generator.exhausted());
        batch.advance(1_000_000_000);
        assertEquals(2_500 - 1 - 1 - 100 - 2_000, drain(generator));
        assertTrue(generator.exhausted());
        assertEquals(2_500L, generator.report().get("packets"));
        assertEquals(2_500L * 60, generator.report().get("bytes"));
    }

    private int drain(Generator generator) {
        int total = 0;
        while (batch.clear().run(generator).created() > 0) {
            total += batch.created();
        }
        return total;
    }

    @Test
    void losesNoNumberForWantOfRoom() {
        Generator generator = new Generator(GeneratorConfigs.of("60", 1, TransportProtocol.UDP, 4));
        batch.room(10);
        for (int i = 0; i < 10; i++) {
            batch.clear().run(generator);
            assertEquals(10L * i, Probe.sequence(batch.packet(0), 42));
        }
    }

    @Test
    void refusesSizesThatCannotBe() {
        ConfigurationException small = assertThrows(
                ConfigurationException.class,
                () -> new Generator(GeneratorConfigs.of("60", 1, TransportProtocol.TCP, 6)));
        assertTrue(small.getMessage().contains("92 at least"), small::getMessage);
        Generator large = new Generator(GeneratorConfigs.of("9000", 1, TransportProtocol.UDP, 4));
        assertThrows(ConfigurationException.class, () -> batch.run(large));
        for (String text : List.of("", "0", "70-60", "65536", "abc", "60-", "99999")) {
            assertThrows(IllegalArgumentException.class, () -> PacketSizes.parse(text), text);
        }
    }

    @Test
    void allocatesNothing() {
        Generator generator = new Generator(GeneratorConfigs.of("imix", 1000, TransportProtocol.UDP, 4));
        assertEquals(0, Allocation.bytesOf(() -> batch.clear().run(generator)));
    }
}
