// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.capture.ProbeRequest;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.chain.Chain.Reaction;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.deploy.ChangeOrder.Step;
import io.ptnetmap.nfv.deploy.SupervisedRun.Departed;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.StateTaken;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartState;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a chain in a process of its own, or in a virtual machine. If that dies it is started again; what it had counted
 * up to the last look stays in the accounts, what it held is lost and shows as unaccounted. Until it is ready again nobody waits for
 * it: whoever asks is told what is known, and whoever asks next takes notice that it is there.
 */
final class RemotePart implements ChainPart {
    private static final Logger LOG = LoggerFactory.getLogger(RemotePart.class);
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(3);
    private static final Duration STATE_LOOK = Duration.ofMillis(5);

    private final PartRunner runner;
    private final String place;
    /** Files in which it puts its functions' states on their way here, as it knows them. */
    private final UnaryOperator<String> stateFiles;

    /** A process that an earlier run has left has had orders before. */
    private final AtomicLong stateOrders = new AtomicLong(System.nanoTime());

    private volatile Control control;
    private Control.Reply last;
    private Totals gone = new Totals(List.of(), Conservation.NONE, Conservation.NONE, 0, Latency.NONE);
    private Latency lastLatency = Latency.NONE;
    private final RestartPace pace = new RestartPace();
    private OnFailure onFailure;
    /** When it has died of late; {@link System#nanoTime}. */
    private final Deque<Long> deaths = new ArrayDeque<>();

    private PartState state = PartState.RUNNING;
    private Instant since = Instant.now();
    private List<String> lastWords = List.of();
    private long restarts;
    /** When to start it again. */
    private long restartNanos;
    /** What starts it again, as long as nobody has taken notice of the outcome. */
    private Optional<PartStart> restart = Optional.empty();

    private boolean sourcesStopped;
    /** Whether it is to end: what is dead by then stays so, for a machine would boot only to be stopped. */
    private boolean stopping;

    private boolean stopped;
    private boolean closed;
    /** Whether a change is being made, during which nobody must come who does not know of it. */
    private boolean changing;
    /** Why the part is given up. Its accounts remain as they were at the last look. */
    private Optional<ChainFailedException> failure = Optional.empty();

    /**
     * Accounts of processes that are no more.
     *
     * @param books what they held includes what they had read from links and not sent on: since the last look, or for good
     */
    private record Totals(
            List<ChainSnapshot.Hop> hops, Conservation conservation, Conservation books, long moved, Latency latency) {}

    /**
     * @param place name of the function that it is the process of, or of the virtual machine
     * @param stateFiles where the state of a function is put on its way here, as the part knows that file
     * @param onFailure what to do when it keeps dying
     */
    RemotePart(PartRunner runner, String place, UnaryOperator<String> stateFiles, OnFailure onFailure) {
        this.runner = runner;
        this.place = place;
        this.stateFiles = stateFiles;
        this.onFailure = onFailure;
    }

    @Override
    public String place() {
        return place;
    }

    /** The function that it is the process of; empty for a virtual machine. */
    String function() {
        return runner.hasFilesOfItsOwn() ? "" : place;
    }

    /** That of a virtual machine begins anew when it boots. */
    @Override
    public synchronized String clock() {
        return runner.hasFilesOfItsOwn() ? place + ", boot " + restarts : ChainPart.super.clock();
    }

    /** What runs it, for messages. */
    @Override
    public String toString() {
        return runner.toString();
    }

    @Override
    public Duration patience(Duration usual) {
        return runner.patience(usual);
    }

    /** What to do from now on when it keeps dying. */
    synchronized void onFailure(OnFailure changed) {
        onFailure = changed;
    }

    /** Starts what the part runs in. Does not wait for it. */
    synchronized void launch() {
        runner.launch();
    }

    private void disconnect() {
        if (control != null) {
            control.close();
            control = null;
        }
    }

    /** Whoever is waiting for an answer at this moment, and keeps others waiting, shall not wait long: a change is to be made. */
    void hurry() {
        Control present = control;
        if (present != null) {
            present.hurry(runner.promptLimit());
        }
    }

    /** Waits for it. */
    @Override
    public synchronized void start() {
        PartStart.Ready ready = PartStart.await(runner);
        control = ready.control();
        last = ready.reply();
    }

    /** Waits until it is there, or has died once more, if it is being started again. */
    void awaitStart() {
        for (Optional<PartStart> underWay = underWay(); underWay.isPresent(); underWay = underWay()) {
            underWay.get().join();
        }
    }

    private synchronized Optional<PartStart> underWay() {
        ask(Control.Command.STATUS, "", runner.promptLimit());
        return restart;
    }

    private Control.Reply ask(Control.Command command) {
        return ask(command, "").orElse(last);
    }

    /** Asks, if there is one to ask. Nothing while there is none: then its start is looked after, which takes no time. */
    private Optional<Control.Reply> ask(Control.Command command, String argument) {
        return ask(command, argument, changing ? runner.promptLimit() : runner.answerLimit());
    }

    private Optional<Control.Reply> ask(Control.Command command, String argument, Duration limit) {
        while (!stopped && !closed && failure.isEmpty() && isUp()) {
            try {
                Control.Reply reply = control.ask(command, argument, limit);
                reply.requireNoError(runner);
                last = reply;
                return Optional.of(reply);
            } catch (IOException died) {
                died(List.of());
            } catch (ChainFailedException failed) {
                giveUp(failed);
            }
        }
        return Optional.empty();
    }

    /** Returns whether there is one to talk to. Where there is none it is started, once it is time, or its start looked after. */
    private boolean isUp() {
        if (control != null) {
            return true;
        }
        if (restart.isPresent()) {
            return restart.get().isOver() && arrives(restart.get());
        }
        if (!changing && !stopping && System.nanoTime() - restartNanos >= 0) {
            restarts++;
            pace.started(System.nanoTime());
            restart = Optional.of(PartStart.again(runner));
            become(PartState.STARTING);
        }
        return false;
    }

    private void giveUp(ChainFailedException why) {
        failure = Optional.of(why);
        become(PartState.FAILED);
    }

    private void become(PartState next) {
        state = next;
        since = Instant.now();
    }

    /** Takes notice of its end, and decides when to start it again. */
    private void died(List<String> words) {
        disconnect();
        long now = System.nanoTime();
        lastWords = words.isEmpty() ? runner.lastWords() : words;
        while (!deaths.isEmpty()
                && now - deaths.peekFirst() > onFailure.window().toNanos()) {
            deaths.removeFirst();
        }
        deaths.addLast(now);
        if (onFailure.reaction() == Reaction.STOP && deaths.size() > onFailure.limit()) {
            giveUp(new ChainFailedException(
                    runner + " died " + deaths.size() + " times within "
                            + onFailure.window().toSeconds() + " s",
                    lastWords));
            return;
        }
        if (!stopping && !runner.memoryIsKept()) {
            giveUp(new ChainFailedException(
                    runner
                            + " has died, and cannot be started again, for the process that keeps the chain's memory is gone:"
                            + " start the chain anew",
                    lastWords));
            return;
        }
        Duration pause = pace.died(now);
        restartNanos = now + pause.toNanos();
        become(PartState.WAITING);
        if (stopping) {
            LOG.warn("{} has died while it was being stopped", runner);
            return;
        }
        LOG.warn("{} has died and is started again{}", runner, pause.isZero() ? "" : " in " + pause.toMillis() + " ms");
        lastWords.forEach(LOG::info);
    }

    /** Takes notice of what has come of its start; returns whether there is one to talk to. */
    private boolean arrives(PartStart over) {
        restart = Optional.empty();
        try {
            begin(over.outcome());
            return true;
        } catch (IOException diedAgain) {
            died(List.of());
        } catch (ChainFailedException failed) {
            List<String> words = new ArrayList<>(List.of(failed.getMessage()));
            words.addAll(failed.details());
            died(words);
        } catch (NodeConfigurationException refused) {
            giveUp(new ChainFailedException(
                    "function '" + refused.node() + "' refuses its configuration when started again: "
                            + refused.getMessage(),
                    refused));
        }
        return false;
    }

    private void begin(PartStart.Ready ready) throws IOException {
        // What waited for the one before still waits, for this one to count.
        gone = new Totals(
                hopsOfAll(),
                conservationSoFar().withHeld(0),
                booksSoFar(),
                movedSoFar(),
                gone.latency().plus(lastLatency.ended()));
        control = ready.control();
        last = ready.reply();
        lastLatency = Latency.NONE;
        become(PartState.RUNNING);
        if (sourcesStopped) {
            control.ask(Control.Command.STOP_SOURCES, runner.answerLimit());
        }
    }

    private void requireNotFailed() {
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private List<ChainSnapshot.Hop> hopsSoFar() {
        return last.hops().stream()
                .map(hop -> gone.hops().stream()
                        .filter(before -> before.name().equals(hop.name()))
                        .findFirst()
                        .map(hop::plus)
                        .orElse(hop))
                .toList();
    }

    /** With those of functions that had left before one died that had run them: should they come back, their accounts go on. */
    private List<ChainSnapshot.Hop> hopsOfAll() {
        List<ChainSnapshot.Hop> all = new ArrayList<>(hopsSoFar());
        gone.hops().stream()
                .filter(before -> all.stream().noneMatch(hop -> hop.name().equals(before.name())))
                .toList()
                .forEach(all::add);
        return all;
    }

    private Conservation conservationSoFar() {
        return gone.conservation().plus(last.conservation());
    }

    private Conservation booksSoFar() {
        return gone.books().plus(last.books());
    }

    private long movedSoFar() {
        return gone.moved() + last.status().moved();
    }

    @Override
    public synchronized Engine.Status status() {
        Engine.Status status = ask(Control.Command.STATUS).status();
        requireNotFailed();
        return new Engine.Status(status.idle() && isThere(), status.sourcesExhausted(), movedSoFar());
    }

    private boolean isThere() {
        return stopped || control != null;
    }

    @Override
    public synchronized ChainHealth health() {
        ChainHealth ofFunctions = ask(Control.Command.STATUS).health();
        ChainHealth.Part part = ChainHealth.Part.of(runner.part(), state, restarts, since, lastWords);
        return ofFunctions.plus(new ChainHealth(List.of(), List.of(part)));
    }

    @Override
    public synchronized ProbeReply probe(ProbeRequest request) {
        return ask(Control.Command.PROBE, Control.argument(request))
                .map(Control.Reply::probe)
                .orElse(ProbeReply.NOTHING);
    }

    @Override
    public synchronized void restore(String function) {
        String refusal = ask(Control.Command.RESTORE, function)
                .map(Control.Reply::refusal)
                .orElse(runner + " does not run: it is started again by itself");
        if (!refusal.isEmpty()) {
            throw new ChainRequestException(refusal);
        }
    }

    @Override
    public synchronized List<ChainSnapshot.Hop> hops() {
        ask(Control.Command.STATUS);
        return hopsSoFar();
    }

    @Override
    public synchronized Conservation conservation() {
        ask(Control.Command.STATUS);
        return conservationSoFar();
    }

    @Override
    public synchronized Conservation books() {
        ask(Control.Command.STATUS, "", runner.promptLimit());
        return booksSoFar();
    }

    /** Whether the present process has counted all that has ever passed its links, as the other ends have. */
    synchronized boolean hasCountedAll() {
        return restarts == 0 && !runner.takenOver();
    }

    /**
     * Goes on counting as held what processes which died had read from a link that is no more, less what they had sent into it: nobody
     * knows yet how much of that went on through other links.
     */
    synchronized void carry(long packets) {
        gone = new Totals(
                gone.hops(),
                gone.conservation(),
                gone.books().plus(Conservation.NONE.withHeld(packets)),
                gone.moved(),
                gone.latency());
    }

    /** What has been lost with processes that have died, less what the links were still to tell of it: see {@link Totals#books}. */
    synchronized long goneWithDead() {
        return gone.books().held();
    }

    /** Of the present process: where the time of those before it went is in none of its recordings either. */
    @Override
    public synchronized TimeUse timeUse() {
        return ask(Control.Command.STATUS).timeUse();
    }

    @Override
    public synchronized Map<String, Map<String, Object>> reports() {
        return new LinkedHashMap<>(ask(Control.Command.REPORTS).reports());
    }

    @Override
    public synchronized Latency latency() {
        ask(Control.Command.LATENCY, "").ifPresent(reply -> lastLatency = reply.latency());
        return gone.latency().plus(lastLatency);
    }

    @Override
    public ChangeState prepare(Chain target, LinkIds ids) {
        return told(Step.PREPARE, limit -> {
            give(runner.filesFor(target), limit);
            runner.given();
            return control.ask(ChangeOrder.prepare(runner.descriptorOf(target), ids), limit);
        });
    }

    @Override
    public ChangeState change(ChangeOrder order) {
        return told(order.step(), limit -> control.ask(order, limit));
    }

    /** Something said to the part, and what it replies within a limit. */
    @FunctionalInterface
    private interface Telling {
        Control.Reply within(Duration limit) throws IOException;
    }

    private synchronized ChangeState told(Step step, Telling telling) {
        if (failure.isPresent()) {
            return ChangeState.refusal("", "", failure.get().getMessage());
        }
        if (control == null) {
            return ChangeState.refusal(
                    "", "", runner + " has died, and is started again: change the chain when it is there");
        }
        long began = System.nanoTime();
        Duration limit = runner.patience(step.limit());
        try {
            Control.Reply reply = telling.within(limit);
            return reply.error().isEmpty()
                    ? reply.change()
                    : ChangeState.refusal(reply.node(), reply.field(), runner + ": " + reply.error());
        } catch (UncheckedIOException unreadable) {
            return ChangeState.refusal("", "", unreadable.getMessage());
        } catch (IOException silent) {
            boolean hangs = System.nanoTime() - began >= limit.toNanos();
            startAnew();
            String words = lastWords.isEmpty() ? "" : " (" + String.join("; ", lastWords) + ")";
            return ChangeState.refusal(
                    "",
                    "",
                    hangs
                            ? runner + " did not answer within " + limit.toSeconds()
                                    + " s, was ended, and is started again"
                            : runner + " has died meanwhile" + words + "; it is started again");
        }
    }

    /**
     * Gives the part files of this process's, by the names that it knows them by.
     *
     * @throws UncheckedIOException if one cannot be read, or the part cannot write it
     * @throws IOException if the part is no more
     */
    private void give(Map<String, Path> files, Duration limit) throws IOException {
        for (Map.Entry<String, Path> file : files.entrySet()) {
            give(file.getKey(), file.getValue(), limit);
        }
    }

    private void give(String name, Path file, Duration limit) throws IOException {
        byte[] contents = contents(file);
        int offset = 0;
        do {
            int end = Math.min(contents.length, offset + FilePiece.MOST_BYTES);
            FilePiece piece =
                    FilePiece.of(name, offset, Arrays.copyOfRange(contents, offset, end), end == contents.length);
            Control.Reply reply = control.ask(Control.Command.PUT_FILE, piece, limit);
            if (!reply.error().isEmpty()) {
                throw refusedBy(reply);
            }
            offset = end;
        } while (offset < contents.length);
    }

    private static byte[] contents(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read " + file + ": " + FileErrors.why(unreadable), unreadable);
        }
    }

    private UncheckedIOException refusedBy(Control.Reply reply) {
        String words = runner + ": " + reply.error();
        return new UncheckedIOException(words, new IOException(words));
    }

    /**
     * Gives a part that has files of its own what is kept of a function, where it finds it when that is restored.
     *
     * @param kept where there is no such file, nothing is kept
     */
    synchronized void provideState(String function, Path kept) {
        if (control == null) {
            return;
        }
        String name = RunDirectory.keptName(function);
        try {
            if (Files.exists(kept)) {
                give(name, kept, runner.answerLimit());
                Files.delete(kept);
            } else {
                control.ask(Control.Command.PUT_FILE, FilePiece.of(name, 0, new byte[0], true), runner.answerLimit());
            }
        } catch (IOException | UncheckedIOException failure) {
            // If the part has died it is started again with what is kept, else its function begins with nothing.
            LOG.warn("what is kept of function '{}' does not get to {}: {}", function, runner, failure.getMessage());
        }
    }

    /** Ends what there is of it. It is started again as if it had died. */
    synchronized void startAnew() {
        if (control != null) {
            runner.kill();
            died(List.of());
        }
    }

    /** Its accounts, now that nothing moves in it any more. */
    synchronized Departed departed() {
        ask(Control.Command.STATUS);
        Latency told = gone.latency().plus(lastLatency);
        return new Departed(hopsSoFar(), conservationSoFar().withHeld(0), told.ended());
    }

    /** Whether there is a process that has not ended. */
    synchronized boolean isAlive() {
        return control != null && runner.isAlive();
    }

    @Override
    public synchronized void changing() {
        changing = true;
    }

    @Override
    public synchronized void changed() {
        changing = false;
    }

    @Override
    public Optional<StateTaken> takeState(String function, OutputStream out, Duration patience)
            throws IOException, InterruptedException {
        String file = stateFiles.apply(function);
        StateOrder order = StateOrder.of(stateOrders.incrementAndGet(), function, file, patience);
        Instant ordered = Instant.now();
        StateOrder.Progress progress = ask(order);
        while (!progress.done()) {
            Thread.sleep(runner.patience(STATE_LOOK));
            progress = ask(order);
        }
        if (!progress.error().isEmpty()) {
            throw new IOException(progress.error());
        }
        if (runner.hasFilesOfItsOwn()) {
            if (progress.taken().isPresent()) {
                take(file, out);
            }
            // The part has another clock.
            return progress.taken().map(taken -> new StateTaken(ordered, taken.entries(), taken.bytes()));
        }
        if (progress.taken().isPresent()) {
            Files.copy(Path.of(file), out);
        }
        Files.deleteIfExists(Path.of(file));
        return progress.taken();
    }

    /** Takes a file of the part's, piece by piece: in between it may be asked for other things. */
    private void take(String file, OutputStream out) throws IOException {
        long offset = 0;
        FilePiece piece;
        do {
            piece = ask(FilePiece.wanted(file, offset));
            byte[] bytes = piece.bytes();
            out.write(bytes);
            offset += bytes.length;
        } while (!piece.last());
    }

    private synchronized FilePiece ask(FilePiece wanted) throws IOException {
        if (control == null) {
            throw new IOException(runner + " has died meanwhile");
        }
        Control.Reply reply = control.ask(Control.Command.TAKE_FILE, wanted, runner.answerLimit());
        if (!reply.error().isEmpty()) {
            throw new IOException(runner + ": " + reply.error());
        }
        return reply.piece();
    }

    /** What has died meanwhile has nothing to tell. Whoever asks for its status takes notice of that. */
    private synchronized StateOrder.Progress ask(StateOrder order) {
        StateOrder.Progress nothing = new StateOrder.Progress(true, "", Optional.empty());
        if (control == null || stopped || closed) {
            return nothing;
        }
        try {
            Control.Reply reply = control.ask(order, runner.answerLimit());
            return reply.state() == null ? nothing : reply.state();
        } catch (IOException died) {
            return nothing;
        }
    }

    @Override
    public synchronized void stopSources() {
        sourcesStopped = true;
        ask(Control.Command.STOP_SOURCES);
    }

    @Override
    public synchronized void stop() {
        stopping = true;
        ask(Control.Command.STOP);
        latency();
        last = ask(Control.Command.REPORTS);
        stopped = true;
        requireNotFailed();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        restart.ifPresent(PartStart::cancel);
        if (control == null || last == null) {
            runner.kill();
        } else {
            askToEnd();
        }
        disconnect();
        runner.awaitEnd();
    }

    private void askToEnd() {
        try {
            control.ask(Control.Command.EXIT, EXIT_LIMIT);
        } catch (IOException deaf) {
            runner.kill();
        }
    }
}
