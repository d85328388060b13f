// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.profile;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.engine.BatchListener;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.Profiler;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.Configuration;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;

/**
 * Records what this process does, with events of its own about functions and workers, in the format of JDK Flight Recorder. The
 * file is complete when the engine has stopped, or the process has ended. Thread-safe.
 */
public final class Recorder implements Profiler, AutoCloseable {
    /** The JDK's settings of this name: all that concerns speed, at a cost of about 2 %. */
    private static final String SETTINGS = "profile";

    private final Recording recording;
    private final Runnable functionTimes = this::writeFunctionTimes;
    private final Runnable workerTimes = this::writeWorkerTimes;
    private final Map<String, TimeUse.Function> functionsBefore = new HashMap<>();
    private final Map<Integer, TimeUse.Worker> workersBefore = new HashMap<>();
    private volatile Engine engine;
    private boolean stopped;

    private Recorder(Recording recording) {
        this.recording = recording;
    }

    /**
     * Starts recording.
     *
     * @param file to write; it is replaced if it exists
     * @param name of the recording, for tools that list several
     * @throws UncheckedIOException if the file cannot be written
     */
    public static Recorder start(Path file, String name) {
        try {
            if (Files.isDirectory(file)) {
                throw new FileSystemException(
                        file.toString(), null, "it is a directory: name a file for the recording");
            }
            Recording recording = new Recording(Configuration.getConfiguration(SETTINGS));
            recording.setName(name);
            recording.setDumpOnExit(true);
            recording.setDestination(file);
            Recorder recorder = new Recorder(recording);
            FlightRecorder.addPeriodicEvent(FunctionTime.class, recorder.functionTimes);
            FlightRecorder.addPeriodicEvent(WorkerTime.class, recorder.workerTimes);
            recording.start();
            return recorder;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot record to " + file + ": " + FileErrors.why(failure), failure);
        } catch (ParseException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public BatchListener listener() {
        return new BatchSampler();
    }

    @Override
    public void started(Engine startedEngine) {
        engine = startedEngine;
    }

    @Override
    public void stopped() {
        close();
    }

    /** Ends the recording and writes the file. */
    @Override
    public synchronized void close() {
        if (!stopped) {
            stopped = true;
            FlightRecorder.removePeriodicEvent(functionTimes);
            FlightRecorder.removePeriodicEvent(workerTimes);
            writeWorkerTimes();
            writeFunctionTimes();
            recording.close();
        }
    }

    private synchronized void writeFunctionTimes() {
        for (TimeUse.Function now : timeUse().functions()) {
            TimeUse.Function then = functionsBefore.put(now.name(), now);
            FunctionTime event = new FunctionTime();
            event.function = now.name();
            event.worker = now.worker();
            event.packets = now.packets() - (then == null ? 0 : then.packets());
            event.batches = now.batches() - (then == null ? 0 : then.batches());
            event.time = now.nanos() - (then == null ? 0 : then.nanos());
            event.timePerPacket = event.packets == 0 ? 0 : event.time / event.packets;
            event.commit();
        }
    }

    private synchronized void writeWorkerTimes() {
        for (TimeUse.Worker now : timeUse().workers()) {
            TimeUse.Worker then = workersBefore.put(now.number(), now);
            WorkerTime event = new WorkerTime();
            event.worker = now.number();
            event.busy = now.busyNanos() - (then == null ? 0 : then.busyNanos());
            event.idle = now.idleNanos() - (then == null ? 0 : then.idleNanos());
            long all = event.busy + event.idle;
            event.share = all == 0 ? 0 : (float) event.busy / all;
            event.commit();
        }
    }

    private TimeUse timeUse() {
        return engine == null ? TimeUse.NONE : engine.timeUse("same");
    }
}
