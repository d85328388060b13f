// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Records when and for what all threads of this process stand still, by JDK Flight Recorder. For one thread. */
final class SafepointRecording implements AutoCloseable {
    private static final String BEGIN = "jdk.SafepointBegin";
    private static final String END = "jdk.SafepointEnd";
    private static final String OPERATION = "jdk.ExecuteVMOperation";
    /** Of the recording itself, at its end. */
    private static final String OWN = "JFR";

    private final Recording recording;
    private final Path file;
    private final Instant began;

    /**
     * A time in which nothing moved.
     *
     * @param atSeconds after the recording's start
     * @param millis from the request to the last thread's going on
     * @param operation what it was for, in the JVM's words
     */
    record Stop(double atSeconds, double millis, String operation) {
        private static final Set<String> COLLECTIONS =
                Set.of("Collect", "GC_", "Mark", "Relocate", "Generation", "Shenandoah", "ZOperation");

        boolean isCollection() {
            return COLLECTIONS.stream().anyMatch(operation::contains);
        }

        boolean isLong() {
            return millis > 1;
        }
    }

    private SafepointRecording(Recording recording, Path file) {
        this.recording = recording;
        this.file = file;
        this.began = Instant.now();
    }

    /** @param directory for a file, while it is being read */
    static SafepointRecording start(Path directory) {
        Recording recording = new Recording();
        for (String event : List.of(BEGIN, END, OPERATION)) {
            recording.enable(event).withoutThreshold().withoutStackTrace();
        }
        recording.start();
        return new SafepointRecording(recording, directory.resolve("safepoints.jfr"));
    }

    /** Ends the recording. Returns what it has, in order of time. */
    List<Stop> finish() throws IOException {
        Instant ended = Instant.now();
        recording.stop();
        recording.dump(file);
        Map<Long, RecordedEvent> ends = new HashMap<>();
        Map<Long, String> operations = new HashMap<>();
        List<RecordedEvent> begins = new ArrayList<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            switch (event.getEventType().getName()) {
                case BEGIN -> begins.add(event);
                case END -> ends.put(event.getLong("safepointId"), event);
                default -> operations.put(event.getLong("safepointId"), event.getString("operation"));
            }
        }
        return begins.stream()
                .filter(begin -> ends.containsKey(begin.getLong("safepointId")))
                .filter(begin -> begin.getStartTime().isAfter(began)
                        && begin.getStartTime().isBefore(ended))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .map(begin -> stop(begin, ends, operations))
                .filter(stop -> !stop.operation().startsWith(OWN))
                .toList();
    }

    private Stop stop(RecordedEvent begin, Map<Long, RecordedEvent> ends, Map<Long, String> operations) {
        long id = begin.getLong("safepointId");
        Duration length = Duration.between(begin.getStartTime(), ends.get(id).getEndTime());
        return new Stop(
                Duration.between(began, begin.getStartTime()).toNanos() / 1e9,
                length.toNanos() / 1e6,
                operations.getOrDefault(id, "unknown"));
    }

    @Override
    public void close() throws IOException {
        recording.close();
        Files.deleteIfExists(file);
    }
}
