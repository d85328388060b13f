// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.History;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EventStreamTest {
    private final History<Long> history = new History<>(100, 0);
    private final EventStream.Readers readers = new EventStream.Readers(2);
    private final Slow out = new Slow();

    /** A reader that takes as much as it is told to, with its thread's work to be done by the test. */
    private static final class Slow implements Reply.Outlet {
        private final List<String> taken = new ArrayList<>();
        private final Deque<Runnable> work = new ArrayDeque<>();
        private final List<Runnable> onClose = new ArrayList<>();
        private Runnable onRoom = () -> {};
        private int room = 1_000_000;
        private boolean cut;
        private boolean ended;

        @Override
        public boolean isFull() {
            return room <= 0;
        }

        @Override
        public void write(byte[] bytes) {
            room -= bytes.length;
            taken.add(new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public void end() {
            ended = true;
        }

        @Override
        public void cut() {
            cut = true;
        }

        @Override
        public void onRoom(Runnable listener) {
            onRoom = listener;
        }

        @Override
        public void onClose(Runnable listener) {
            onClose.add(listener);
        }

        @Override
        public void later(Runnable task) {
            work.add(task);
        }

        @Override
        public void every(long millis, Runnable task) {}

        private void work() {
            while (!work.isEmpty()) {
                work.poll().run();
            }
        }

        private String text() {
            return String.join("", taken).replace(": \n\n", "");
        }
    }

    private void start(long place, boolean follow) {
        EventStream<Long> stream = new EventStream<>(
                history,
                place,
                number -> number,
                number -> number % 2 == 0 ? Optional.of(number + ";") : Optional.empty(),
                follow,
                readers);
        ((Reply.Stream) stream.reply(Optional.empty())).flow().start(out);
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            history.add(number -> number);
        }
    }

    @Test
    void aReaderGetsWhatItHasNotSeenAndThenWhatComes() {
        add(6);
        start(2, true);
        assertEquals("4;6;", out.text());
        add(3);
        assertEquals(1, out.work.size(), "several additions, one call");
        out.work();
        assertEquals("4;6;8;", out.text());
        assertFalse(out.ended);
    }

    @Test
    void withoutFollowingItEnds() {
        add(4);
        start(0, false);
        assertEquals("2;4;", out.text());
        assertTrue(out.ended);
    }

    @Test
    void aReaderThatIsSlowMissesNothingAsLongAsItIsKept() {
        start(0, true);
        out.room = 0;
        add(90);
        out.work();
        out.room = 1_000_000;
        out.onRoom.run();
        assertTrue(out.text().endsWith("88;90;"));
        assertFalse(out.cut);
    }

    @Test
    void aReaderThatHasFallenTooFarBehindIsCutOff() {
        start(0, true);
        out.room = 0;
        add(150);
        out.work();
        out.room = 1_000_000;
        out.onRoom.run();
        assertTrue(out.cut);
        assertEquals("", out.text());
    }

    @Test
    void whoMayNotSeeMoreIsToldSoOrCutOffWhereThatCannotBeRead() {
        EventStream<Long> stream =
                new EventStream<>(history, 0, number -> number, number -> Optional.of(number + ";"), true, readers);
        ProblemDetails why = Api.details(new ApiException(401, "the token has expired"));
        stream.refuse(out, why);
        assertTrue(out.ended);
        assertEquals(
                "event: refused\ndata: {\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
                        + "\"detail\":\"the token has expired\",\"errors\":[]}\n\n",
                out.text());
        assertFalse(out.cut);
        out.room = 0;
        stream.refuse(out, why);
        assertTrue(out.cut);
    }

    @Test
    void thereIsRoomForSoManyReaders() {
        start(0, true);
        start(0, true);
        assertEquals(503, assertThrows(ApiException.class, () -> start(0, true)).status());
        out.onClose.getFirst().run();
        start(0, true);
        assertEquals(2, readers.present());
    }

    @Test
    void aListenerThatFailsHoldsUpNobody() {
        List<String> told = new ArrayList<>();
        history.subscribe(() -> {
            throw new IllegalStateException("ended");
        });
        history.subscribe(() -> told.add("x"));
        add(2);
        assertEquals(List.of("x", "x"), told);
    }
}
