// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.profile;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * The methods in which the workers of a recording were found most often. What the JDK does counts for the method that calls it,
 * for that is the one to change.
 */
public final class HotMethods {
    private static final String SAMPLE = "jdk.ExecutionSample";
    private static final String WORKER = "worker-";

    private final Map<String, Long> samples = new HashMap<>();

    /**
     * A method and how often it was met.
     *
     * @param name with its class
     * @param share of all samples of workers, 0 to 1
     */
    public record HotMethod(String name, double share) {}

    /** Adds a recording's samples. */
    public void add(Path file) throws IOException {
        try (RecordingFile recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                RecordedEvent event = recording.readEvent();
                if (event.getEventType().getName().equals(SAMPLE) && isWorker(event.getThread("sampledThread"))) {
                    samples.merge(method(event), 1L, Long::sum);
                }
            }
        }
    }

    private static boolean isWorker(RecordedThread thread) {
        return thread != null
                && thread.getJavaName() != null
                && thread.getJavaName().startsWith(WORKER);
    }

    private static String method(RecordedEvent sample) {
        return sample.getStackTrace().getFrames().stream()
                .map(RecordedFrame::getMethod)
                .filter(method -> !isOfJdk(method.getType().getName()))
                .findFirst()
                .map(HotMethods::name)
                .orElse("the JDK");
    }

    private static boolean isOfJdk(String type) {
        return type.startsWith("java.") || type.startsWith("jdk.") || type.startsWith("sun.");
    }

    private static String name(RecordedMethod method) {
        return method.getType().getName() + "." + method.getName();
    }

    /** The hottest ones, hottest first. */
    public List<HotMethod> most(int count) {
        double all = samples.values().stream().mapToLong(Long::longValue).sum();
        return samples.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(count)
                .map(entry -> new HotMethod(entry.getKey(), entry.getValue() / all))
                .toList();
    }
}
