// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.capture.ProbeReply;
import io.ptnetmap.nfv.chain.Chain.OnFailure;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartId;
import io.ptnetmap.nfv.telemetry.Conservation;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.TimeUse;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RemotePartTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** What answers some questions, and then is no more. */
    private static final class Mortal implements PartRunner {
        private final int answers;
        private int started;

        Mortal(int answers) {
            this.answers = answers;
        }

        @Override
        public PartId part() {
            return PartId.process("mortal");
        }

        @Override
        public void launch() {
            started++;
        }

        @Override
        public void relaunch() {
            launch();
        }

        @Override
        public Control connect() throws IOException {
            Pipe questions = Pipe.open();
            Pipe replies = Pipe.open();
            Control there = control(questions, replies);
            Thread.ofPlatform().daemon().name("mortal").start(() -> live(there));
            return control(replies, questions);
        }

        private static Control control(Pipe in, Pipe out) {
            return new Control(Channels.newInputStream(in.source()), Channels.newOutputStream(out.sink()), out.sink());
        }

        private void live(Control control) {
            try {
                for (int i = 0; i < answers; i++) {
                    control.nextRequest();
                    control.reply(ready());
                }
                control.nextRequest();
            } catch (IOException nobodyAsks) {
                // Then it has nothing to answer either.
            } finally {
                control.close();
            }
        }

        private static Control.Reply ready() {
            return new Control.Reply(
                    "",
                    "",
                    "",
                    1,
                    0,
                    true,
                    new Engine.Status(true, true, 0),
                    List.of(),
                    Conservation.NONE,
                    Conservation.NONE,
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

        @Override
        public boolean isAlive() {
            return true;
        }

        @Override
        public Duration startLimit() {
            return LIMIT;
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
            return List.of();
        }

        @Override
        public void kill() {}

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

    @Test
    void whatDiesIsStartedAgainWhenItIsAskedNext() {
        Mortal runner = new Mortal(1);
        RemotePart part = started(runner);
        part.health();
        assertTrue(runner.started > 1, "it has died, and was asked");
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
}
