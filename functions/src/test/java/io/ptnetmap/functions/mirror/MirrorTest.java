// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.mirror;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.functions.Allocation;
import io.ptnetmap.functions.RandomPackets;
import io.ptnetmap.functions.TestBatch;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.PacketBatch;
import io.ptnetmap.nfv.api.PacketBatch.Side;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorTest {
    @TempDir
    Path directory;

    private TestBatch batch;

    @BeforeEach
    void emptyBatch() {
        batch = new TestBatch(directory);
    }

    @Test
    void writesASampleOfRandomPacketsAndLeavesThemAlone() {
        RandomPackets random = new RandomPackets(5);
        Mirror mirror = mirror("capture", 64, 3, 0, 0);
        for (int i = 0; i < 400; i++) {
            batch.clear();
            for (int j = 0; j < PacketBatch.MAX_SIZE; j++) {
                batch.add(random.next());
            }
            byte[] before = batch.bytes(7);
            batch.run(mirror);
            assertArrayEquals(before, batch.bytes(7));
            assertEquals("forwarded", batch.verdict(7));
        }
        mirror.stop();
        RandomPackets expected = new RandomPackets(5);
        long count = 0;
        try (CaptureReader reader = CaptureReader.open(directory.resolve("capture"))) {
            while (reader.next()) {
                byte[] packet = expected.next();
                expected.next();
                expected.next();
                batch.clear();
                batch.packet(batch.create(reader.length(), Side.OUT))
                        .put(0, reader.array(), reader.arrayOffset(), reader.length());
                assertArrayEquals(Arrays.copyOf(packet, Math.min(packet.length, 64)), batch.bytes(0));
                assertEquals(packet.length, reader.originalLength());
                count++;
            }
        }
        assertEquals((400L * PacketBatch.MAX_SIZE + 2) / 3, count);
        assertEquals(count, mirror.report().get("packets"));
    }

    @Test
    void stopsAtItsLimits() {
        for (int i = 0; i < 100; i++) {
            batch.add(new byte[100]);
        }
        Mirror byPackets = mirror("packets", 262_144, 1, 42, 0);
        batch.run(byPackets).run(byPackets);
        byPackets.stop();
        assertEquals(42L, byPackets.report().get("packets"));
        Mirror byBytes = mirror("bytes", 262_144, 1, 0, 1_001);
        batch.run(byBytes).run(byBytes);
        byBytes.stop();
        assertEquals(11L, byBytes.report().get("packets"));
    }

    @Test
    void aFullDiskDoesNotTouchTheTraffic() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "/dev/full is needed");
        ConfigurationException e =
                assertThrows(ConfigurationException.class, () -> mirror(full.toString(), 262_144, 1, 0, 0));
        assertEquals("file", e.field());
        assertEquals("/dev/full: cannot be written: No space left on device", e.getMessage());
    }

    @Test
    void aFileThatGoesWrongLaterIsReported() throws Exception {
        Path pipe = directory.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "mkfifo is needed");
        Process reader = new ProcessBuilder("head", "-c", "24", pipe.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Mirror mirror = mirror("pipe", 262_144, 1, 0, 0);
        reader.waitFor();
        batch.add(new byte[100]);
        assertDoesNotThrow(() -> {
            batch.run(mirror);
            mirror.tick(1);
            batch.run(mirror);
            mirror.stop();
        });
        assertTrue(mirror.report().get("failure").toString().contains("Broken pipe"), mirror.report()::toString);
        assertEquals(1L, mirror.report().get("packets"));
    }

    @Test
    void allocatesNothing() {
        Mirror mirror = mirror("capture", 128, 1, 0, 0);
        for (int i = 0; i < PacketBatch.MAX_SIZE; i++) {
            batch.add(new byte[200]);
        }
        assertEquals(0, Allocation.bytesOf(() -> batch.run(mirror)));
        mirror.stop();
    }

    private Mirror mirror(String file, int snaplen, int sample, long maxPackets, long maxBytes) {
        Mirror mirror = new Mirror(new MirrorConfig(
                file, CaptureFormat.PCAPNG, TimestampPrecision.NANO, snaplen, sample, maxPackets, maxBytes));
        mirror.start(batch);
        return mirror;
    }
}
