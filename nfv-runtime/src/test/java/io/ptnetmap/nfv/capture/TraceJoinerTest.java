// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.capture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.capture.TraceFragment.End;
import io.ptnetmap.nfv.capture.TraceFragment.Step;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What parts with different clocks have seen of a packet is put together by the chain's order. */
class TraceJoinerTest {
    private static final String HOST = "";
    private static final String GUEST = "edge, boot 0";
    /** Booted a moment ago: its clock is far behind. */
    private static final long GUEST_TIME = 5_000;

    private static final long HOST_TIME = 1_000_000_000;

    private final TraceJoiner joiner = new TraceJoiner();

    private void know(int edition, String... path) {
        know(edition, List.of(), path);
    }

    private void know(int edition, List<TraceSpec.Place> switched, String... path) {
        joiner.know(new TraceSpec(new long[0], 10, List.of(), false, List.of(), switched, List.of(path), edition));
    }

    private static Step step(String function, boolean reverse, long entered, Verdict verdict) {
        byte[] packet = {1, 2, 3};
        return new Step(
                function,
                "some",
                0,
                reverse,
                entered,
                100,
                1,
                verdict,
                verdict == Verdict.DROPPED ? "no-rule" : "",
                packet,
                packet,
                60,
                60);
    }

    private void add(String clock, int edition, boolean head, End end, Step... steps) {
        joiner.add(new TraceFragment(head, HOST_TIME, List.of(steps), end, edition), clock, 0);
    }

    private void begin(int edition, String function, boolean reverse) {
        add(HOST, edition, true, End.UNSEEN, step(function, reverse, HOST_TIME, Verdict.FORWARDED));
    }

    private static String way(PacketTrace trace) {
        return trace.steps().stream().map(PacketTrace.Step::function).collect(Collectors.joining(" "));
    }

    private PacketTrace only() {
        List<PacketTrace> traces = joiner.take(0, true);
        assertEquals(1, traces.size(), traces::toString);
        return traces.getFirst();
    }

    @Test
    void aFunctionThatHasComeInIsBeforeItsNeighbourWhateverItsClockSays() {
        for (long guestTime : new long[] {GUEST_TIME, 1000 * HOST_TIME}) {
            know(0, "a", "b");
            know(1, "a", "new", "b");
            begin(0, "a", false);
            add(HOST, 1, false, End.CONSUMED, step("b", false, HOST_TIME + 900, Verdict.CONSUMED));
            add(GUEST, 1, false, End.UNSEEN, step("new", false, guestTime, Verdict.FORWARDED));
            PacketTrace trace = only();
            assertEquals("a new b", way(trace));
            assertEquals("consumed by 'b'", trace.end());
        }
    }

    @Test
    void inTheReverseDirectionTheOrderIsReversed() {
        know(0, "a", "b");
        know(1, "a", "new", "b");
        begin(0, "b", true);
        add(HOST, 1, false, End.LEFT, step("a", true, HOST_TIME + 900, Verdict.FORWARDED));
        add(GUEST, 1, false, End.UNSEEN, step("new", true, 1000 * HOST_TIME, Verdict.FORWARDED));
        assertEquals("b new a", way(only()));
    }

    @Test
    void ofTwoEqualPacketsTheFirstIsTakenByTheClockThatSawBoth() {
        know(0, "a", "b");
        begin(0, "a", false);
        add(GUEST, 0, false, End.DROPPED, step("b", false, GUEST_TIME + 7, Verdict.DROPPED));
        add(GUEST, 0, false, End.CONSUMED, step("b", false, GUEST_TIME, Verdict.CONSUMED));
        assertEquals("consumed by 'b'", only().end());
    }

    @Test
    void whatGoesTheOtherWayIsAnotherPacketUnlessThisOneWasReturned() {
        know(0, "a", "b", "c");
        begin(0, "b", false);
        add(GUEST, 0, false, End.LEFT, step("a", true, GUEST_TIME, Verdict.FORWARDED));
        add(GUEST, 0, false, End.DROPPED, step("c", false, GUEST_TIME + 7, Verdict.DROPPED));
        PacketTrace trace = only();
        assertEquals("b c", way(trace));
        assertEquals("dropped by 'c': no-rule", trace.end());

        add(HOST, 0, true, End.UNSEEN, step("b", false, HOST_TIME, Verdict.RETURNED));
        add(GUEST, 0, false, End.CONSUMED, step("c", false, GUEST_TIME, Verdict.CONSUMED));
        add(GUEST, 0, false, End.LEFT, step("a", true, GUEST_TIME + 7, Verdict.FORWARDED));
        assertEquals("b a", way(only()));
    }

    @Test
    void whatASwitchCopiesIsSaidToBeFollowedNoFurther() {
        List<TraceSpec.Place> switched = List.of(new TraceSpec.Place("b", false), new TraceSpec.Place("c", true));
        know(0, switched, "a", "b", "c");
        add(HOST, 0, true, End.UNSEEN, step("b", false, HOST_TIME, Verdict.FORWARDED));
        assertEquals("copied, or dropped, by the switch behind 'b', where packets are not followed", only().end());
        add(HOST, 0, true, End.UNSEEN, step("b", false, HOST_TIME, Verdict.RETURNED));
        assertTrue(only().end().startsWith("not seen again after 'b'"), "it went the other way");
    }

    @Test
    void timesOnLinksAreToldWithinOneClock() {
        know(0, "a", "b", "c");
        begin(0, "a", false);
        add(GUEST, 0, false, End.UNSEEN, step("b", false, GUEST_TIME, Verdict.FORWARDED));
        add("edge, boot 1", 0, false, End.CONSUMED, step("c", false, GUEST_TIME + 500, Verdict.CONSUMED));
        List<PacketTrace.Step> steps = only().steps();
        assertEquals(3, steps.size());
        assertTrue(steps.stream().allMatch(step -> step.linkNanos().isEmpty()), steps::toString);

        begin(0, "a", false);
        add(HOST, 0, false, End.CONSUMED, step("b", false, HOST_TIME + 350, Verdict.CONSUMED));
        assertEquals(OptionalLong.of(250), only().steps().getLast().linkNanos());
    }
}
