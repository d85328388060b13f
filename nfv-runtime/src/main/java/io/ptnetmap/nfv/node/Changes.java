// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.deploy.ChangePlan;
import io.ptnetmap.nfv.deploy.ChangeReport;
import io.ptnetmap.nfv.deploy.ChangeStep;
import io.ptnetmap.nfv.deploy.MemoryPlan;
import io.ptnetmap.nfv.node.model.Balance;
import io.ptnetmap.nfv.node.model.ChangeSummary;
import io.ptnetmap.nfv.node.model.ChangeSummary.Direction;
import io.ptnetmap.nfv.node.model.ChangeSummary.Drained;
import io.ptnetmap.nfv.node.model.ChangeSummary.HandedOver;
import io.ptnetmap.nfv.node.model.Obstacle;
import io.ptnetmap.nfv.node.model.Plan;
import io.ptnetmap.nfv.node.model.PlanStep;
import io.ptnetmap.nfv.node.model.PlanStep.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Plans and reports of changes as the API tells them. */
final class Changes {
    private static final double MIB = 1 << 20;
    private static final String OTHER_CLASSES =
            "the files that its functions come from are others than those that it runs with, or have been replaced, and a running"
                    + " chain keeps its classes: leave 'function-path' and these files as they are, or have the chain start anew";

    private Changes() {}

    /** What a live change has done. */
    static ChangeSummary live(ChangePlan plan, ChangeReport report) {
        return new ChangeSummary(
                report.steps().stream().map(Changes::step).toList(),
                untouched(plan),
                true,
                List.of(),
                report.pauses().stream().mapToLong(ChangeReport.Pause::nanos).max(),
                OptionalLong.of(report.lost()),
                OptionalLong.of(report.overtakable()),
                report.switchDrops(),
                report.drained().stream().map(Changes::drained).toList(),
                report.states().stream().map(Changes::handedOver).toList(),
                Optional.of(Balance.of(report.before())),
                report.after().map(Balance::of),
                report.mishaps());
    }

    /**
     * What it comes to where a chain is drained and started anew.
     *
     * @param obstacles why it was not changed while it ran; none if it did not run
     */
    static ChangeSummary anew(Optional<Chain> before, Chain next, List<Obstacle> obstacles) {
        return unmeasured(anewSteps(before, next), List.of(), false, obstacles);
    }

    private static ChangeSummary unmeasured(
            List<PlanStep> steps, List<String> untouched, boolean live, List<Obstacle> obstacles) {
        return new ChangeSummary(
                steps,
                untouched,
                live,
                obstacles,
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** Why a chain that runs cannot be changed meanwhile; {@code plan} is empty where its functions have become other classes. */
    static List<Obstacle> obstacles(Optional<ChangePlan> plan) {
        return plan.map(made -> made.obstacles().stream().map(Changes::obstacle).toList())
                .orElseGet(() -> List.of(new Obstacle(Optional.empty(), Optional.of("function-path"), OTHER_CLASSES)));
    }

    private static Obstacle obstacle(ChangePlan.Obstacle obstacle) {
        return new Obstacle(named(obstacle.node()), named(obstacle.field()), obstacle.reason());
    }

    private static Optional<String> named(String name) {
        return Optional.of(name).filter(text -> !text.isEmpty());
    }

    /**
     * Of a change to what the chain is already.
     *
     * @param plan of it, if the chain runs
     */
    static ChangeSummary nothing(Optional<ChangePlan> plan) {
        return unmeasured(List.of(), plan.map(Changes::untouched).orElse(List.of()), plan.isPresent(), List.of());
    }

    private static List<String> untouched(ChangePlan plan) {
        return plan.untouched().stream().map(Changes::linkName).toList();
    }

    /**
     * What a change would do.
     *
     * @param runs whether the chain is at work
     * @param plan of a live change, if one can be thought of
     */
    static Plan plan(Chain next, boolean create, boolean runs, Optional<Chain> before, Optional<ChangePlan> plan) {
        boolean live = plan.map(ChangePlan::possible).orElse(false);
        MemoryPlan memory = MemoryPlan.of(next);
        return new Plan(
                next.name(),
                create,
                plan.map(ChangePlan::possible),
                live ? plan.get().steps().stream().map(Changes::step).toList() : anewSteps(before, next),
                live ? untouched(plan.get()) : List.of(),
                runs ? obstacles(plan) : List.of(),
                Optional.of(String.format(
                        Locale.ROOT,
                        "%d buffers of %d bytes, %.1f MiB",
                        memory.buffers(),
                        memory.bufferSize(),
                        memory.bytesUsed() / MIB)));
    }

    private static List<PlanStep> anewSteps(Optional<Chain> before, Chain next) {
        List<PlanStep> steps = new ArrayList<>();
        before.ifPresent(was ->
                was.nodes().forEach(node -> steps.add(new PlanStep(Action.REMOVE, node.name(), describe(node)))));
        next.nodes().forEach(node -> steps.add(new PlanStep(Action.ADD, node.name(), describe(node))));
        return steps;
    }

    private static String describe(Chain.Node node) {
        return node.isPort() ? "port " + node.port() : "function of type " + node.type();
    }

    private static PlanStep step(ChangeStep step) {
        Action action = switch (step.kind()) {
            case ADD_FUNCTION, ADD_LINK -> Action.ADD;
            case REMOVE_FUNCTION, REMOVE_LINK -> Action.REMOVE;
            case REPLACE_FUNCTION -> Action.REPLACE;
            case RECONFIGURE_FUNCTION -> Action.RECONFIGURE;
            case MOVE_FUNCTION -> Action.MOVE;
            case CHANGE_LINK -> Action.CHANGE;
        };
        return new PlanStep(action, linkName(step.subject()), step.words());
    }

    /** Links are called {@code FROM..TO} here. */
    private static String linkName(String name) {
        return name.replace(" - ", "..");
    }

    private static Drained drained(ChangeReport.DrainedLink link) {
        Direction direction = link.backward() ? Direction.BACKWARD : Direction.FORWARD;
        return new Drained(linkName(link.link()), direction, link.sent(), link.received());
    }

    private static HandedOver handedOver(ChangeReport.HandedOver state) {
        long entries =
                state.taken().values().stream().mapToLong(Long::longValue).sum();
        String detail = words("taken", state.taken()) + words("left", state.dropped());
        return new HandedOver(
                state.function(), entries, detail.isEmpty() ? Optional.empty() : Optional.of(detail.substring(2)));
    }

    private static String words(String what, Map<String, Long> entries) {
        return entries.entrySet().stream()
                .map(entry -> "; " + what + ": " + entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining());
    }
}
