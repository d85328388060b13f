// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.node.model.ChangeSummary;
import io.ptnetmap.nfv.node.model.Obstacle;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.Plan;
import io.ptnetmap.nfv.node.model.PlanStep;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ChangeTextTest {
    private static Operation operation(
            OptionalLong lost, OptionalLong reordered, OptionalLong switchDrops, List<String> mishaps) {
        ChangeSummary report = new ChangeSummary(
                List.of(new PlanStep(PlanStep.Action.REMOVE, "fw", "remove function 'fw'")),
                List.of(),
                true,
                List.of(),
                OptionalLong.of(310_000),
                lost,
                reordered,
                switchDrops,
                List.of(new ChangeSummary.Drained("in..fw", ChangeSummary.Direction.FORWARD, 5, 5)),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                mishaps);
        return operation(report);
    }

    private static Operation operation(ChangeSummary report) {
        return new Operation(
                "7",
                Operation.Action.APPLY,
                "edge",
                Operation.State.SUCCEEDED,
                Instant.EPOCH,
                Optional.empty(),
                Optional.empty(),
                OptionalLong.of(3),
                Optional.empty(),
                Optional.of(report));
    }

    @Test
    void whatAChangeCostIsToldAsItWasCounted() {
        assertEquals(
                List.of(
                        "edge: changed, revision 3, while packets flowed",
                        "  remove  fw  remove function 'fw'",
                        "  drained in..fw forward: sent 5, read 5",
                        "  longest pause 310 µs, lost 0, reordered 2, dropped by switches 0",
                        "  in spite of this: the process of function 'nat' has died"),
                ChangeText.of(operation(
                        OptionalLong.of(0),
                        OptionalLong.of(2),
                        OptionalLong.of(0),
                        List.of("the process of function 'nat' has died"))));
    }

    @Test
    void whyAChainWasStartedAnewIsToldBeforehandAndAfterwards() {
        Obstacle obstacle =
                new Obstacle(Optional.of("fw"), Optional.of("link"), "the machine has its links: leave them");
        List<PlanStep> steps = List.of(new PlanStep(PlanStep.Action.ADD, "fw", "function of type firewall"));
        String why = "  not while packets flow: the machine has its links: leave them";
        assertEquals(
                List.of("edge: would be drained and started anew", why, "  add  fw  function of type firewall"),
                ChangeText.of(new Plan(
                        "edge", false, Optional.of(false), steps, List.of(), List.of(obstacle), Optional.empty())));
        ChangeSummary report =
                summary(steps, List.of(), false, List.of(obstacle), OptionalLong.empty(), OptionalLong.empty());
        assertEquals(
                List.of(
                        "edge: changed, revision 3, drained and started anew",
                        why,
                        "  add  fw  function of type firewall"),
                ChangeText.of(operation(report)));
    }

    /** Of a change that drained no link and handed nothing over. */
    private static ChangeSummary summary(
            List<PlanStep> steps,
            List<String> untouched,
            boolean live,
            List<Obstacle> obstacles,
            OptionalLong lost,
            OptionalLong reordered) {
        return new ChangeSummary(
                steps,
                untouched,
                live,
                obstacles,
                OptionalLong.empty(),
                lost,
                reordered,
                OptionalLong.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    @Test
    void whereNothingWasToBeDoneNothingIsTold() {
        Operation changed = operation(OptionalLong.of(0), OptionalLong.of(0), OptionalLong.empty(), List.of());
        ChangeSummary nothing = summary(
                List.of(), List.of("fw", "link in..fw"), true, List.of(), OptionalLong.of(0), OptionalLong.of(0));
        for (Operation.Action action : List.of(Operation.Action.APPLY, Operation.Action.CONFIGURE)) {
            assertEquals(
                    List.of("edge: unchanged, revision 3"),
                    ChangeText.of(new Operation(
                            changed.id(),
                            action,
                            changed.chain(),
                            changed.state(),
                            changed.created(),
                            changed.started(),
                            changed.ended(),
                            changed.revision(),
                            Optional.empty(),
                            Optional.of(nothing))));
        }
    }

    @Test
    void whatWasNotCountedIsNotTold() {
        List<String> lines =
                ChangeText.of(operation(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), List.of()));
        assertEquals("  longest pause 310 µs", lines.getLast());
    }
}
