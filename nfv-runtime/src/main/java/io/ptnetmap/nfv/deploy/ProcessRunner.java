// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.telemetry.ChainHealth.PartId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process of a function's own, or one that an earlier run of the chain has left. */
final class ProcessRunner implements PartRunner {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessRunner.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final long LAST_WORDS_MILLIS = 500;
    /** Exit statuses of processes that a signal has ended are this and the signal's number. */
    private static final int SIGNALLED = 128;

    /** A function may take its time over a batch, and answers come between two batches. */
    private static final Duration ANSWER_LIMIT = Duration.ofHours(1);

    private final String node;
    private final Path host;
    private final Path socket;
    private final int descriptor;
    private final boolean regionKept;
    private final Supplier<Process> starter;
    private final Supplier<Process> restarter;
    /** Where it was started by this one. */
    private Optional<Process> own = Optional.empty();

    private Optional<ProcessHandle> process = Optional.empty();
    private boolean takenOver;

    /**
     * @param host the socket of the host that keeps the chain's memory
     * @param descriptor see {@link PartMain#digest}
     * @param regionKept whether the region of an earlier run is still there, so that its process can go on in it
     * @param starter starts the process
     * @param restarter starts it anew, in what the chain is by then
     */
    ProcessRunner(
            String node,
            Path host,
            Path socket,
            int descriptor,
            boolean regionKept,
            Supplier<Process> starter,
            Supplier<Process> restarter) {
        this.node = node;
        this.host = host;
        this.socket = socket;
        this.descriptor = descriptor;
        this.regionKept = regionKept;
        this.starter = starter;
        this.restarter = restarter;
    }

    @Override
    public PartId part() {
        return PartId.process(node);
    }

    @Override
    public String toString() {
        return part().toString();
    }

    @Override
    public void launch() {
        if (!takeOver()) {
            startOne(starter);
        }
    }

    private void startOne(Supplier<Process> by) {
        Process started = by.get();
        own = Optional.of(started);
        process = Optional.of(started.toHandle());
    }

    private boolean takeOver() {
        try (Control control = connect()) {
            Control.Reply left = control.ask(Control.Command.HELLO, START_LIMIT);
            if (regionKept && left.descriptor() == descriptor && left.ready()) {
                process = ProcessHandle.of(left.pid());
                takenOver = true;
                LOG.info("function '{}' goes on in process {}", node, left.pid());
                return true;
            }
            control.ask(Control.Command.EXIT, START_LIMIT);
        } catch (IOException nobodyThere) {
            LOG.debug("no process to take over", nobodyThere);
        }
        return false;
    }

    @Override
    public void relaunch() {
        kill();
        startOne(restarter);
    }

    @Override
    public boolean memoryIsKept() {
        return Launcher.isServed(host);
    }

    @Override
    public Control connect() throws IOException {
        return Control.connect(socket);
    }

    @Override
    public boolean takenOver() {
        return takenOver;
    }

    @Override
    public boolean isAlive() {
        return process.filter(ProcessHandle::isAlive).isPresent();
    }

    @Override
    public Duration startLimit() {
        return START_LIMIT;
    }

    @Override
    public Duration answerLimit() {
        return ANSWER_LIMIT;
    }

    @Override
    public Duration promptLimit() {
        return ChangeOrder.ANSWER;
    }

    /** How it has ended; its errors go where this process's go. One that an earlier run has left says nothing. */
    @Override
    public List<String> lastWords() {
        return own.flatMap(ProcessRunner::exitStatus)
                .map(status ->
                        status > SIGNALLED ? "killed by signal " + (status - SIGNALLED) : "exit status " + status)
                .map(List::of)
                .orElse(List.of());
    }

    /** It may be about to end, since it does not talk any more. */
    private static Optional<Integer> exitStatus(Process ending) {
        try {
            return ending.waitFor(LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS)
                    ? Optional.of(ending.exitValue())
                    : Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void kill() {
        process.ifPresent(ProcessHandle::destroyForcibly);
    }

    @Override
    public void awaitEnd() {
        process.ifPresent(handle -> handle.onExit().join());
        try {
            Files.deleteIfExists(socket);
        } catch (IOException remains) {
            LOG.debug("the next run removes it", remains);
        }
    }
}
