// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.deploy.ChangeOrder.Step;
import io.ptnetmap.nfv.deploy.Control.Command;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartId;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartState;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RemotePartTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int FOREVER = Integer.MAX_VALUE;
    /** What each process has counted when it is asked first, of which it holds some: what went with it is missing from then on. */
    private static final Conservation COUNTED = new Conservation(0, 100, 0, 0, 70, 30);

    /**
     * One after the other that a runner starts.
     *
     * @param boot how long nobody answers
     * @param reply what it answers
     * @param answers how often, after which it is no more; 0 = it has ended before anybody talks to it
     */
    private record Life(Duration boot, Control.Reply reply, int answers) {
        static Life of(int answers) {
            return new Life(Duration.ZERO, reply("", ""), answers);
        }

        Life bootingFor(Duration time) {
            return new Life(time, reply, answers);
        }

        static Life refusing(String node, String error) {
            return new Life(Duration.ZERO, reply(node, error), FOREVER);
        }

        private static Control.Reply reply(String node, String error) {
            return new Control.Reply(
                    error,
                    node,
                    "",
                    1,
                    0,
                    error.isEmpty(),
                    new Engine.Status(true, true, 100),
                    List.of(),
                    COUNTED,
                    COUNTED,
                    TimeUse.NONE,
                    Map.of(),
                    Latency.NONE,
                    ChainHealth.NONE,
                    ProbeReply.NOTHING,
                    "",
                    null,
                    null,
                    null);
        }
    }

    /** What answers some questions, and then is no more. */
    private static final class Mortal implements PartRunner {
        private final List<Life> lives;
        private final Queue<Command> asked = new ConcurrentLinkedQueue<>();
        private Duration startLimit = LIMIT;
        private volatile boolean memoryIsKept = true;
        private volatile int started;
        private volatile int killed;
        private volatile CountDownLatch ended = new CountDownLatch(1);

        /** @param lives of those that are started one after the other; all after these have the last of them */
        Mortal(Life... lives) {
            this.lives = List.of(lives);
        }

        Mortal(int answers) {
            this(Life.of(answers));
        }

        private Life life() {
            return lives.get(Math.min(started, lives.size()) - 1);
        }

        @Override
        public PartId part() {
            return PartId.process("mortal");
        }

        @Override
        public String toString() {
            return "mortal";
        }

        @Override
        public void launch() {
            started++;
            ended = new CountDownLatch(1);
        }

        @Override
        public void relaunch() {
            launch();
        }

        @Override
        public boolean memoryIsKept() {
            return memoryIsKept;
        }

        @Override
        public Control connect() throws IOException {
            if (!isAlive()) {
                throw new IOException("there is nobody");
            }
            Pipe questions = Pipe.open();
            Pipe replies = Pipe.open();
            Control there = control(questions, replies);
            Life life = life();
            CountDownLatch end = ended;
            Thread.ofPlatform().daemon().name("mortal").start(() -> live(there, life, end));
            return control(replies, questions);
        }

        private static Control control(Pipe in, Pipe out) {
            return new Control(Channels.newInputStream(in.source()), Channels.newOutputStream(out.sink()), () -> {
                in.source().close();
                out.sink().close();
            });
        }

        private void live(Control control, Life life, CountDownLatch end) {
            try {
                if (end.await(life.boot().toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
                for (int i = 0; i < life.answers(); i++) {
                    asked.add(control.nextRequest().command());
                    control.reply(life.reply());
                }
                control.nextRequest();
            } catch (IOException | InterruptedException nobodyAsks) {
                // Then it has nothing to answer either.
            } finally {
                control.close();
            }
        }

        @Override
        public boolean isAlive() {
            return life().answers() > 0;
        }

        @Override
        public Duration startLimit() {
            return startLimit;
        }

        @Override
        public Duration answerLimit() {
            return LIMIT;
        }

        @Override
        public Duration promptLimit() {
            return LIMIT;
        }

        @Override
        public List<String> lastWords() {
            return List.of("so long");
        }

        @Override
        public void kill() {
            killed++;
            ended.countDown();
        }

        @Override
        public void awaitEnd() {}
    }

    private static RemotePart started(Mortal runner) {
        RemotePart part = new RemotePart(runner, "mortal", name -> name, OnFailure.DEFAULT);
        part.launch();
        part.start();
        assertEquals(1, runner.started);
        return part;
    }

    private static ChainHealth.Part health(RemotePart part) {
        return part.health().parts().getFirst();
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "not in time: " + what);
            Thread.sleep(5);
        }
    }

    private static void awaitState(RemotePart part, PartState state) throws InterruptedException {
        await(() -> health(part).state() == state, state.toString());
    }

    @Test
    void whatDiesIsStartedAgainWhenItIsAskedNext() throws Exception {
        Mortal runner = new Mortal(1);
        RemotePart part = started(runner);
        assertEquals(PartState.STARTING, health(part).state(), "it has died, and was asked");
        await(() -> runner.started > 1, "the next one");
        part.close();
    }

    @Test
    void whatDiesWhileItIsStoppedIsNotStartedForThat() {
        Mortal runner = new Mortal(1);
        RemotePart part = started(runner);
        part.stop();
        part.close();
        assertEquals(1, runner.started);
    }

    @Test
    void theFirstStartIsWaitedForAndNoLaterOne() throws Exception {
        Duration boot = Duration.ofSeconds(3);
        long began = System.nanoTime();
        Mortal runner = new Mortal(
                Life.of(1).bootingFor(Duration.ofMillis(300)), Life.of(FOREVER).bootingFor(boot));
        RemotePart part = started(runner);
        assertTrue(System.nanoTime() - began >= 300_000_000, "it is ready");

        long died = System.nanoTime();
        assertEquals(PartState.STARTING, health(part).state());
        int looks = 20;
        for (int i = 0; i < looks; i++) {
            assertEquals(List.of(), part.hops());
            assertEquals(COUNTED, part.conservation(), "as it was at the last look");
            assertEquals(COUNTED, part.books());
            assertEquals(new Engine.Status(false, true, 100), part.status(), "it is not idle: it is not there");
            part.latency();
            part.timeUse();
            part.reports();
            ChainHealth.Part told = health(part);
            assertEquals(PartState.STARTING, told.state());
            assertEquals(1, told.restarts());
            assertEquals(List.of("so long"), told.lastWords());
        }
        Duration look = Duration.ofNanos((System.nanoTime() - died) / looks);
        assertTrue(look.toMillis() < 100, look::toString);

        awaitState(part, PartState.RUNNING);
        assertTrue(System.nanoTime() - died >= boot.toNanos(), "not before it is ready");
        // The dead one's packets have gone with it; the next one has counted as many.
        assertEquals(new Conservation(0, 200, 0, 0, 140, 30), part.conservation());
        assertEquals(200, part.status().moved());
        assertTrue(part.status().idle());
        assertEquals(2, runner.started);
        part.close();
    }

    @Test
    void whatEndsBeforeItIsReadyIsStartedOnceMore() throws Exception {
        Mortal runner = new Mortal(Life.of(1), Life.of(0), Life.of(FOREVER));
        RemotePart part = started(runner);
        awaitState(part, PartState.WAITING);
        assertEquals(
                List.of("mortal ended while starting", "so long"), health(part).lastWords());
        assertEquals(1, runner.killed, "what may be left of it comes up no more");
        assertEquals(COUNTED, part.conservation());
        awaitState(part, PartState.RUNNING);
        assertEquals(2, health(part).restarts());
        assertEquals(new Conservation(0, 200, 0, 0, 140, 30), part.conservation());
        part.close();
    }

    @Test
    void whatDoesNotGetReadyInTimeIsEndedAndStartedOnceMore() throws Exception {
        Mortal runner = new Mortal(Life.of(1), Life.of(FOREVER).bootingFor(Duration.ofHours(1)), Life.of(FOREVER));
        RemotePart part = started(runner);
        runner.startLimit = Duration.ofMillis(100);
        awaitState(part, PartState.WAITING);
        assertEquals(
                "mortal did not get ready in time", health(part).lastWords().getFirst());
        assertEquals(1, runner.killed);
        runner.startLimit = LIMIT;
        awaitState(part, PartState.RUNNING);
        part.close();
    }

    @Test
    void aConfigurationThatIsRefusedThenGivesThePartUp() throws Exception {
        RemotePart part = started(new Mortal(Life.of(1), Life.refusing("fw", "no such file")));
        awaitState(part, PartState.FAILED);
        ChainFailedException failure = assertThrows(ChainFailedException.class, part::status);
        assertEquals("function 'fw' refuses its configuration when started again: no such file", failure.getMessage());
        assertEquals(COUNTED, part.conservation(), "accounts stay");
        part.close();
    }

    @Test
    void whoseMemoryIsGoneIsGivenUp() throws Exception {
        Mortal runner = new Mortal(1);
        RemotePart part = started(runner);
        runner.memoryIsKept = false;
        assertEquals(PartState.FAILED, health(part).state());
        ChainFailedException failure = assertThrows(ChainFailedException.class, part::status);
        assertTrue(
                failure.getMessage().contains("the process that keeps the chain's memory is gone"),
                failure::getMessage);
        assertEquals(List.of("so long"), failure.details());
        assertEquals(1, runner.started);
        part.close();
    }

    @Test
    void sourcesThatWereStoppedMeanwhileAreSoInTheNextOne() throws Exception {
        Mortal runner = new Mortal(Life.of(1), Life.of(FOREVER).bootingFor(Duration.ofMillis(300)));
        RemotePart part = started(runner);
        assertEquals(PartState.STARTING, health(part).state());
        part.stopSources();
        assertFalse(runner.asked.contains(Command.STOP_SOURCES), "there is nobody to tell");
        awaitState(part, PartState.RUNNING);
        assertTrue(runner.asked.contains(Command.STOP_SOURCES));
        part.close();
    }

    @Test
    void theEndDoesNotWaitForWhatIsBeingStarted() {
        Mortal runner = new Mortal(Life.of(1), Life.of(FOREVER).bootingFor(Duration.ofHours(1)));
        RemotePart part = started(runner);
        runner.startLimit = Duration.ofHours(1);
        assertEquals(PartState.STARTING, health(part).state());
        part.stop();
        assertEquals(COUNTED, part.conservation());
        part.close();
        assertTrue(runner.killed > 0);
        assertEquals(2, runner.started);
    }

    @Test
    void aChangeWaitsForTheStartBeforeItBeginsAndNotInTheMidstOfIt() throws Exception {
        Mortal runner = new Mortal(
                Life.of(1),
                Life.of(3).bootingFor(Duration.ofMillis(300)),
                Life.of(FOREVER).bootingFor(Duration.ofHours(1)));
        RemotePart part = started(runner);
        assertEquals(PartState.STARTING, health(part).state());
        String refusal = part.change(ChangeOrder.of(Step.PROBE)).error();
        assertEquals("mortal has died, and is started again: change the chain when it is there", refusal);
        part.awaitStart();
        assertEquals(2, runner.started);
        assertTrue(part.isAlive());

        part.changing();
        await(() -> !part.status().idle(), "its death");
        assertEquals(PartState.WAITING, health(part).state());
        part.awaitStart();
        assertEquals(2, runner.started, "nobody comes who does not know of the change");
        part.changed();
        awaitState(part, PartState.STARTING);
        part.close();
    }
}
