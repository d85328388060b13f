// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.engine.RunningChain;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jfr.EventType;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
    private static final long PACKETS = 20_000_000;
    private static final String CHAIN = """
            chain: recorded
            functions:
              - {name: source, type: counting-source, config: {count: %d}}
              - {name: middle, type: pass%s}
              - {name: sink, type: checking-sink}
            """;
    private static final List<String> FUNCTIONS = List.of("source", "middle", "sink");

    @TempDir
    Path directory;

    /** Runs the chain to its end. */
    private TimeUse run(Path file, String placement) throws Exception {
        Path chain = Files.writeString(directory.resolve("chain.yaml"), CHAIN.formatted(PACKETS, placement));
        try (Recorder recorder = Recorder.start(file, "test");
                RunningChain running = RunningChain.launch(
                        chain, Optional.of(new LaunchOptions.Profile(recorder, Optional.of(file))))) {
            assertTrue(running.run().await(Duration.ofSeconds(60)));
            return running.run().timeUse();
        }
    }

    private static List<RecordedEvent> events(Path file, Class<?> type) throws Exception {
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().endsWith("." + type.getSimpleName()))
                .toList();
    }

    private static long sum(List<RecordedEvent> events, String function, String field) {
        return events.stream()
                .filter(event -> event.getString("function").equals(function))
                .mapToLong(event -> event.getLong(field))
                .sum();
    }

    @Test
    void aRecordingTellsWhatFunctionsAndWorkersDid() throws Exception {
        Path file = Files.writeString(directory.resolve("chain.jfr"), "what was there before");
        TimeUse times = run(file, "");

        List<RecordedEvent> functions = events(file, FunctionTime.class);
        for (TimeUse.Function function : times.functions()) {
            assertEquals(PACKETS, function.packets(), function::toString);
            assertEquals(PACKETS, sum(functions, function.name(), "packets"));
            assertEquals(function.batches(), sum(functions, function.name(), "batches"));
            assertEquals(function.nanos(), sum(functions, function.name(), "time"));
            assertTrue(function.batches() >= PACKETS / 512 && function.nanos() > PACKETS / 100, function::toString);
        }
        long busy = events(file, WorkerTime.class).stream()
                .mapToLong(event -> event.getLong("busy"))
                .sum();
        assertEquals(times.workers().getFirst().busyNanos(), busy);
        long inFunctions =
                times.functions().stream().mapToLong(TimeUse.Function::nanos).sum();
        assertTrue(inFunctions <= busy, () -> inFunctions + " ns in functions, of " + busy);

        List<RecordedEvent> batches = events(file, FunctionBatch.class);
        assertTrue(batches.size() > 10, () -> batches.size() + " samples");
        Set<String> sampled =
                batches.stream().map(event -> event.getString("function")).collect(Collectors.toSet());
        assertTrue(FUNCTIONS.containsAll(sampled), sampled::toString);
        batches.forEach(event ->
                assertTrue(event.getInt("packets") > 0 && event.getDuration().isPositive(), event::toString));
    }

    @Test
    void aWorkerIsBusyWhosePacketsNeverLeaveIt() throws Exception {
        TimeUse.Worker worker =
                run(directory.resolve("chain.jfr"), "").workers().getFirst();
        assertTrue(worker.busyNanos() > worker.idleNanos(), worker::toString);
    }

    @Test
    void aFunctionsOwnProcessRecordsBesideTheOthers() throws Exception {
        TimeUse times = run(directory.resolve("chain.jfr"), ", process: own");

        assertEquals(
                FUNCTIONS,
                times.functions().stream().map(TimeUse.Function::name).toList());
        assertEquals(2, times.workers().size());
        assertEquals(
                PACKETS, sum(events(directory.resolve("chain-middle.jfr"), FunctionTime.class), "middle", "packets"));
        assertEquals(0, sum(events(directory.resolve("chain.jfr"), FunctionTime.class), "middle", "packets"));
        HotMethods methods = new HotMethods();
        methods.add(directory.resolve("chain.jfr"));
        methods.add(directory.resolve("chain-middle.jfr"));
        assertFalse(methods.most(3).isEmpty());
        assertTrue(methods.most(100).stream()
                        .mapToDouble(HotMethods.HotMethod::share)
                        .sum()
                <= 1.0001);
    }

    @Test
    void toolsFindLabelsAndUnits() throws Exception {
        Path file = directory.resolve("chain.jfr");
        run(file, "");
        List<EventType> types;
        try (RecordingFile recording = new RecordingFile(file)) {
            types = recording.readEventTypes().stream()
                    .filter(type -> type.getName().startsWith("io.ptnetmap.nfv."))
                    .toList();
        }
        assertEquals(3, types.size());
        for (EventType type : types) {
            assertEquals(List.of("ptnetmap", "Chain"), type.getCategoryNames());
            assertFalse(type.getDescription().isEmpty());
            type.getFields().forEach(field -> assertFalse(field.getLabel() == null, field::getName));
        }
        ValueDescriptor time = types.stream()
                .filter(type -> type.getName().endsWith(".FunctionTime"))
                .findFirst()
                .orElseThrow()
                .getField("time");
        assertEquals(Timespan.NANOSECONDS, time.getAnnotation(Timespan.class).value());
    }

    @Test
    void whereItCannotBeWrittenThereIsNoRecording() {
        for (Path file : List.of(directory, directory.resolve("missing/chain.jfr"))) {
            UncheckedIOException failure = assertThrows(
                    UncheckedIOException.class,
                    () -> Recorder.start(file, "test").close());
            assertTrue(failure.getMessage().startsWith("cannot record to " + file), failure::getMessage);
        }
    }
}
