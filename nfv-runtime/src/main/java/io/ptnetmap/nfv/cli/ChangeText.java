// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.model.ChangeSummary;
import io.ptnetmap.nfv.node.model.Obstacle;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.Plan;
import io.ptnetmap.nfv.node.model.PlanStep;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What a change would do, and what it has done, for people. */
final class ChangeText {
    private ChangeText() {}

    /** Of a change that has been accepted or is over. */
    static List<String> of(Operation operation) {
        List<String> lines = new ArrayList<>();
        lines.add(operation.chain() + ": " + what(operation) + revision(operation.revision()) + how(operation));
        operation.report().filter(report -> !changesNothing(report)).ifPresent(report -> {
            lines.addAll(why(report.obstacles()));
            lines.addAll(steps(report.steps()));
            if (!report.untouched().isEmpty()) {
                lines.add("  untouched: " + String.join(", ", report.untouched()));
            }
            for (ChangeSummary.Drained link : report.drained()) {
                lines.add("  drained " + link.link() + " " + Documents.word(link.direction()) + ": sent "
                        + Figures.count(link.sent()) + ", read " + Figures.count(link.read()));
            }
            for (ChangeSummary.HandedOver state : report.handedOver()) {
                lines.add("  handed over to " + state.function() + ": "
                        + Figures.entries(state.entries())
                        + state.detail().map(detail -> " (" + detail + ")").orElse(""));
            }
            lines.addAll(cost(report));
            report.mishaps().forEach(mishap -> lines.add("  in spite of this: " + mishap));
        });
        return lines;
    }

    private static String what(Operation operation) {
        boolean done = operation.isOver();
        boolean nothing =
                operation.report().map(report -> report.steps().isEmpty()).orElse(false);
        return switch (operation.action()) {
            case APPLY -> {
                boolean first = operation.revision().orElse(0) == 1;
                yield !done ? "accepted" : nothing ? "unchanged" : first ? "created" : "changed";
            }
            case CONFIGURE -> !done ? "to be configured" : nothing ? "unchanged" : "configured";
            case DELETE -> done ? "deleted" : "to be deleted";
            case START -> done ? "started" : "to be started";
            case STOP -> done ? "stopped" : "to be stopped";
            case RESTORE -> done ? "restored" : "to be restored";
        };
    }

    /** Then there is nothing to tell of, but for what may have gone wrong meanwhile. */
    private static boolean changesNothing(ChangeSummary report) {
        return report.steps().isEmpty() && report.mishaps().isEmpty();
    }

    private static String revision(OptionalLong revision) {
        return revision.isPresent() ? ", revision " + revision.getAsLong() : "";
    }

    private static String how(Operation operation) {
        if (!operation.isOver()) {
            return "; 'nfv get operation " + operation.id() + "' tells how far it is";
        }
        return operation
                .report()
                .filter(report ->
                        !report.steps().isEmpty() && operation.revision().orElse(0) != 1)
                .map(report -> report.live() ? ", while packets flowed" : ", drained and started anew")
                .orElse("");
    }

    private static List<String> cost(ChangeSummary report) {
        List<String> facts = new ArrayList<>();
        report.pauseNanos().ifPresent(nanos -> facts.add("longest pause " + Figures.time(nanos)));
        report.lost().ifPresent(packets -> facts.add("lost " + Figures.count(packets)));
        report.reordered().ifPresent(packets -> facts.add("reordered " + Figures.count(packets)));
        report.switchDrops().ifPresent(packets -> facts.add("dropped by switches " + Figures.count(packets)));
        return facts.isEmpty() ? List.of() : List.of("  " + String.join(", ", facts));
    }

    /** Of a change that is thought about. */
    static List<String> of(Plan plan) {
        List<String> lines = new ArrayList<>();
        String how = plan.create()
                ? "would be created"
                : plan.steps().isEmpty()
                        ? "would stay as it is"
                        : plan.live().orElse(false)
                                ? "would be changed while packets flow"
                                : "would be drained and started anew";
        lines.add(plan.chain() + ": " + how);
        lines.addAll(why(plan.obstacles()));
        lines.addAll(steps(plan.steps()));
        if (!plan.untouched().isEmpty()) {
            lines.add("  untouched: " + String.join(", ", plan.untouched()));
        }
        plan.memory().ifPresent(memory -> memory.lines().forEach(line -> lines.add("  memory: " + line)));
        return lines;
    }

    /** Why packets do not flow meanwhile. */
    private static List<String> why(List<Obstacle> obstacles) {
        return obstacles.stream()
                .map(obstacle -> "  not while packets flow: " + obstacle.reason())
                .toList();
    }

    private static List<String> steps(List<PlanStep> steps) {
        TextTable table = new TextTable("lll", "", "", "");
        steps.forEach(step -> table.row(Documents.word(step.action()), step.subject(), step.detail()));
        return table.lines().stream().skip(1).map(line -> "  " + line).toList();
    }
}
