// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.CaptureWriter;
import io.ptnetmap.capture.TimestampPrecision;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Capture files as lists of frames. */
final class Capture {
    /** The recorded sample traffic; tests are run in the module's directory. */
    static final Path TRAFFIC = Path.of("traffic");

    private static final int SNAPLEN = 65_535;

    private Capture() {}

    /**
     * A captured frame.
     *
     * @param timestampNanos since the epoch
     */
    record Frame(long timestampNanos, byte[] bytes) {}

    /** The frames of a file; the test is skipped where there is no such file. */
    static List<Frame> read(Path file) {
        assumeTrue(Files.exists(file), file.toAbsolutePath() + " is missing; make it with samples/traffic/record.sh");
        List<Frame> frames = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(file)) {
            while (reader.next()) {
                byte[] bytes = Arrays.copyOfRange(
                        reader.array(), reader.arrayOffset(), reader.arrayOffset() + reader.length());
                frames.add(new Frame(reader.timestampNanos(), bytes));
            }
        }
        return frames;
    }

    static void write(Path file, List<Frame> frames) {
        try (CaptureWriter writer = CaptureWriter.create(file, CaptureFormat.PCAP, TimestampPrecision.NANO, SNAPLEN);
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(SNAPLEN);
            for (Frame frame : frames) {
                int length = frame.bytes().length;
                MemorySegment.copy(frame.bytes(), 0, buffer, ValueLayout.JAVA_BYTE, 0, length);
                writer.write(buffer.address(), length, length, frame.timestampNanos());
            }
        }
    }
}
