// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.Netmap;
import io.ptnetmap.capture.CaptureFormat;
import io.ptnetmap.capture.CaptureReader;
import io.ptnetmap.capture.CaptureWriter;
import io.ptnetmap.capture.TimestampPrecision;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.nfv.tools.StopSignal;
import io.ptnetmap.nfv.tools.ToolException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Replays into capture files, which tell when packets came. */
class ReplayerTest {
    private static final long MILLI = 1_000_000;

    @TempDir
    Path directory;

    private final Netmap netmap = Netmap.over(EmbeddedHost.create());

    @AfterEach
    void end() {
        netmap.close();
    }

    private Path in(int length, LongStream times) {
        Path file = directory.resolve("in.pcap");
        try (Arena arena = Arena.ofConfined();
                CaptureWriter writer =
                        CaptureWriter.create(file, CaptureFormat.PCAP, TimestampPrecision.NANO, 65_535)) {
            MemorySegment bytes = arena.allocate(length);
            times.forEach(time -> writer.write(bytes.address(), length, length, 1_000_000_000_000L + time));
        }
        return file;
    }

    private String replay(Path in, String bandwidth, String delay, String loss) {
        StringWriter out = new StringWriter();
        try (StopSignal stop = new StopSignal()) {
            new Replayer(
                            new Replayer.Settings(
                                    in,
                                    "pcap:" + directory.resolve("out.pcap") + "/T",
                                    128,
                                    0,
                                    -1,
                                    Bandwidth.parse(bandwidth),
                                    Delay.parse(delay),
                                    Loss.parse(loss)),
                            new PrintWriter(out, true),
                            new PrintWriter(new StringWriter()))
                    .run(netmap, stop);
        }
        return out.toString();
    }

    /** Times of arrival, since the first one. */
    private List<Long> times() {
        List<Long> times = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(directory.resolve("out.pcap"))) {
            while (reader.next()) {
                times.add(reader.timestampNanos());
            }
        }
        long first = times.getFirst();
        times.replaceAll(time -> time - first);
        return times;
    }

    @ParameterizedTest
    @CsvSource({"real, 1", "'real,2', 2"})
    void theFilesRhythmIsKept(String bandwidth, int speed) {
        Path in = in(60, LongStream.of(0, 100 * MILLI, 110 * MILLI, 300 * MILLI));
        assertTrue(replay(in, bandwidth, "0", "0").contains("Read 4 packets 240 bytes, sent 4 packets 240 bytes in"));
        List<Long> times = times();
        for (int i = 0; i < 4; i++) {
            long expected = new long[] {0, 100, 110, 300}[i] * MILLI / speed;
            assertEquals(expected, times.get(i), 30.0 * MILLI, times::toString);
        }
    }

    @ParameterizedTest
    @CsvSource({"10M, 1250", "'constant,10M', 1250", "'ether,10M', 1226"})
    void aLinkTakesItsTime(String bandwidth, int length) {
        // 10 Mbit/s are 1250 bytes in a millisecond.
        String summary = replay(in(length, LongStream.range(0, 300)), bandwidth, "0", "0");
        Matcher seconds = Pattern.compile("in ([0-9.]+) seconds").matcher(summary);
        assertTrue(seconds.find(), summary);
        assertEquals(0.300, Double.parseDouble(seconds.group(1)), 0.03, summary);
        assertEquals(299.0 * MILLI, times().getLast(), 30.0 * MILLI);
    }

    @Test
    void delaysKeepTheOrder() {
        String summary = replay(in(1250, LongStream.range(0, 100)), "1G", "uniform,10m,60m", "0");
        assertTrue(summary.contains("sent 100 packets"), summary);
        List<Long> times = times();
        assertEquals(times.stream().sorted().toList(), times);
        assertTrue(times.getLast() < 60 * MILLI, times::toString);
    }

    @Test
    void lossesAreAsManyAsAskedFor() {
        String summary = replay(in(125, LongStream.range(0, 100_000)), "100G", "0", "plr,0.1");
        Matcher loss = Pattern.compile("Loss: nominal 0.100000, actual ([0-9.]+) \\((\\d+) packets\\)")
                .matcher(summary);
        assertTrue(loss.find(), summary);
        // Four standard deviations.
        assertEquals(0.1, Double.parseDouble(loss.group(1)), 4 * 0.00095);
        assertEquals(100_000 - Integer.parseInt(loss.group(2)), times().size());
    }

    @Test
    void distributionsHaveTheirMeans() {
        SplittableRandom random = new SplittableRandom(1);
        double[] means = new double[3];
        List<Delay> delays = List.of(Delay.parse("5m"), Delay.parse("uniform,2m,4m"), Delay.parse("exp,1m,3m"));
        for (int i = 0; i < 100_000; i++) {
            for (int k = 0; k < 3; k++) {
                means[k] += delays.get(k).nanos(random) / 100_000;
            }
        }
        assertArrayEquals(new double[] {5e6, 3e6, 3e6}, means, 5e4);
        assertEquals(1 - Math.pow(1 - 1e-6, 8000), Loss.parse("ber,1e-6").probability(1000), 1e-9);
        assertEquals(0.25, Loss.parse("0.25").probability(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-B|fast|-B takes BPS, constant,BPS, ether,BPS or real[,SPEED]",
                "-B|0|a link without bandwidth sends nothing",
                "-B|ether|ether takes 1 number behind it, not 0",
                "-B|ether,10X|'10X' is no number with one of the units",
                "-D|soon|-D takes T, constant,T, uniform,MIN,MAX or exp,MIN,AVG",
                "-D|uniform,5m|uniform takes 2 numbers behind it, not 1",
                "-D|uniform,5m,1m|the first time is the smaller one",
                "-L|2|a probability is 0 to 1",
                "-L|plr,x|'x' is no number",
                "-L|often|-L takes P, plr,P or ber,P"
            })
    void badDescriptionsAreExplained(String option, String text, String expected) {
        String message = assertThrows(ToolException.class, () -> {
                    switch (option) {
                        case "-B" -> Bandwidth.parse(text);
                        case "-D" -> Delay.parse(text);
                        default -> Loss.parse(text);
                    }
                })
                .getMessage();
        assertTrue(message.contains(expected), message);
    }
}
