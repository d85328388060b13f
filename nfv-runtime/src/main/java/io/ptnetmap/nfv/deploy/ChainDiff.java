// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.chain.Chain.Vm;
import io.ptnetmap.nfv.deploy.ChangePlan.Obstacle;
import io.ptnetmap.nfv.deploy.ChangeStep.Kind;
import io.ptnetmap.nfv.engine.Layout;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.LinkShape;
import io.ptnetmap.nfv.engine.SwitchLink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The difference between a chain that runs and what it is to become. */
final class ChainDiff {
    private final Chain present;
    private final Chain target;
    private final LinkIds presentIds;
    private final LinkIds targetIds;
    private final Map<String, Node> nodesBefore;
    private final List<ChangeStep> steps = new ArrayList<>();
    private final List<String> untouched = new ArrayList<>();
    private final List<Obstacle> obstacles = new ArrayList<>();

    private ChainDiff(Chain present, LinkIds presentIds, Chain target) {
        this.present = present;
        this.target = target;
        this.presentIds = presentIds;
        this.targetIds = presentIds.after(present, target);
        this.nodesBefore = byName(present);
    }

    /** @param presentIds of the links of {@code present} */
    static ChangePlan plan(Chain present, LinkIds presentIds, Chain target) {
        ChainDiff diff = new ChainDiff(present, presentIds, target);
        diff.compareChains();
        diff.compareFunctions();
        diff.compareLinks();
        diff.compareMachines();
        diff.compareSwitches();
        return new ChangePlan(List.copyOf(diff.steps), List.copyOf(diff.untouched), List.copyOf(diff.obstacles));
    }

    private static Map<String, Node> byName(Chain chain) {
        return chain.nodes().stream()
                .collect(Collectors.toMap(Node::name, node -> node, (a, b) -> a, LinkedHashMap::new));
    }

    private void compareChains() {
        if (!target.name().equals(present.name())) {
            obstacle(
                    "",
                    "chain",
                    "a chain that runs keeps its name: call it '" + present.name()
                            + "', or stop it and run the other one");
        }
        if (!target.memory().equals(present.memory())) {
            obstacle(
                    "",
                    "memory",
                    "the memory of a chain that runs cannot be another one: leave it, or start the chain anew");
        }
        present.vms().forEach((name, settings) -> {
            if (!target.vms().containsKey(name)) {
                obstacle(
                        "",
                        "vms",
                        "virtual machine '" + name
                                + "' would have nothing to do, and machines end with their chain: leave a"
                                + " function in it, or start the chain anew");
            } else {
                compare(name, settings, target.vms().get(name));
            }
        });
        for (String name : target.vms().keySet()) {
            if (!present.vms().containsKey(name)) {
                obstacle(
                        "",
                        "vms",
                        "virtual machine '" + name
                                + "' does not run, and machines are started with their chain: place its"
                                + " functions in a process, or start the chain anew");
            }
        }
    }

    private void compare(String vm, Vm before, Vm after) {
        if (before.memory() != after.memory() || before.cpus() != after.cpus()) {
            obstacle(
                    "",
                    "vms." + vm,
                    "virtual machine '" + vm + "' has its memory and processors from its start on: leave them, or start"
                            + " the chain anew");
        }
        if (!before.files().equals(after.files())) {
            target.nodes().stream()
                    .filter(node -> node.vm().equals(vm))
                    .findFirst()
                    .ifPresent(reader -> step(
                            Kind.RECONFIGURE_FUNCTION,
                            reader.name(),
                            "give virtual machine '" + vm + "' the files that 'vms' lists of it"));
        }
    }

    private void obstacle(String node, String field, String reason) {
        obstacles.add(new Obstacle(node, field, reason));
    }

    private void step(Kind kind, String subject, String words) {
        steps.add(new ChangeStep(kind, subject, words));
    }

    private void compareFunctions() {
        Map<String, Node> nodesAfter = byName(target);
        String previous = "";
        for (Node node : target.nodes()) {
            Node before = nodesBefore.get(node.name());
            if (before == null) {
                step(
                        Kind.ADD_FUNCTION,
                        node.name(),
                        "add " + described(node) + " " + where(node)
                                + (previous.isEmpty() ? " as the first" : ", behind '" + previous + "'"));
            } else {
                compare(before, node);
            }
            previous = node.name();
        }
        for (Node node : present.nodes()) {
            if (!nodesAfter.containsKey(node.name())) {
                step(Kind.REMOVE_FUNCTION, node.name(), "remove " + described(node));
            }
        }
    }

    private static String described(Node node) {
        return node.isPort()
                ? "port '" + node.name() + "'"
                : "function '" + node.name() + "'" + (node.name().equals(node.type()) ? "" : " (" + node.type() + ")");
    }

    private static String where(Node node) {
        return switch (node.placement()) {
            case SAME -> "on worker " + node.worker();
            case OWN -> "in a process of its own";
            case VM -> "in virtual machine '" + node.vm() + "'";
        };
    }

    /** Packets between the two places are on a link of the machine's, and would pass the function twice, or not at all. */
    private void requireNoMachine(Node before, Node after) {
        Node inside = before.placement() == Placement.VM ? before : after;
        if (inside.placement() == Placement.VM) {
            obstacle(
                    after.name(),
                    "vm",
                    described(after) + " cannot be moved " + (inside == before ? "out of" : "into")
                            + " virtual machine '" + inside.vm()
                            + "' while it runs: leave it where it is, add one of another name there and remove this one,"
                            + " without what it knows, or start the chain anew");
        }
    }

    private void compare(Node before, Node after) {
        int already = steps.size();
        String name = after.name();
        if (!before.type().equals(after.type()) || !before.port().equals(after.port())) {
            step(Kind.REPLACE_FUNCTION, name, "replace " + described(before) + " by " + described(after));
        } else if (!Objects.equals(before.config(), after.config())
                || !before.onFailure().equals(after.onFailure())) {
            step(Kind.RECONFIGURE_FUNCTION, name, "give " + described(after) + " its new configuration");
        }
        if (!before.persist().equals(after.persist())) {
            step(
                    Kind.RECONFIGURE_FUNCTION,
                    name,
                    after.persist()
                            .map(age -> "keep what " + described(after) + " knows, at most " + age.toMillis()
                                    + " ms old after a crash")
                            .orElse("keep what " + described(after) + " knows no longer"));
        }
        boolean moves = !before.place().equals(after.place()) || before.worker() != after.worker();
        if (moves) {
            step(
                    Kind.MOVE_FUNCTION,
                    name,
                    "move " + described(after) + ": it runs " + where(after) + " instead of " + where(before));
        }
        if (!before.place().equals(after.place())) {
            requireNoMachine(before, after);
        }
        if (steps.size() == already) {
            untouched.add(name);
        }
    }

    /** A machine's rings, too, are network interfaces that it has from its start to its end. */
    private void compareMachines() {
        for (String vm : present.vms().keySet()) {
            Layout before = new Layout(present, presentIds, node -> node.vm().equals(vm));
            Layout after = new Layout(target, targetIds, node -> node.vm().equals(vm));
            // Where its links are others, that has been told.
            if (ends(before).equals(ends(after)) && !before.scratchUses().equals(after.scratchUses())) {
                obstacle(
                        misplaced(vm),
                        "worker",
                        "the rings of the workers in virtual machine '" + vm
                                + "' are network interfaces that it has from its start on, and this takes others: add and remove"
                                + " functions beside others on the same worker, leave the others where they are, or start"
                                + " the chain anew");
            }
        }
    }

    private static List<String> ends(Layout layout) {
        return layout.pipeEnds().stream().map(end -> "" + end.mark() + end.id()).toList();
    }

    /** The first function in a machine that is new on its worker; where there is none, the first one that leaves it. */
    private String misplaced(String vm) {
        Map<String, Node> nodesAfter = byName(target);
        Stream<Node> newcomers = target.nodes().stream()
                .filter(node -> node.vm().equals(vm))
                .filter(node -> !nodesBefore.containsKey(node.name())
                        || nodesBefore.get(node.name()).worker() != node.worker());
        Stream<Node> leavers = present.nodes().stream()
                .filter(node -> node.vm().equals(vm))
                .filter(node -> !nodesAfter.containsKey(node.name()));
        return Stream.concat(newcomers, leavers).map(Node::name).findFirst().orElse("");
    }

    private void compareLinks() {
        Map<Integer, Integer> before = new HashMap<>();
        for (int link = 0; link < present.links().size(); link++) {
            before.put(presentIds.ids().get(link), link);
        }
        for (int link = 0; link < target.links().size(); link++) {
            Integer same = before.remove(targetIds.ids().get(link));
            if (same == null) {
                added(link);
            } else {
                compare(same, link);
            }
        }
        before.values().stream().sorted().forEach(this::removed);
    }

    private void added(int link) {
        LinkShape shape = LinkShape.of(target, link);
        if (shape.hasRing() && !shape.isSwitch()) {
            step(Kind.ADD_LINK, name(target, link), "add a " + described(shape) + " for " + name(target, link));
            requireNoMachineAt(target, link, shape);
        }
    }

    private void removed(int link) {
        LinkShape shape = LinkShape.of(present, link);
        if (shape.hasRing() && !shape.isSwitch()) {
            step(
                    Kind.REMOVE_LINK,
                    name(present, link),
                    "empty and remove the " + described(shape) + " of " + name(present, link));
            requireNoMachineAt(present, link, shape);
        }
    }

    /** A machine's pipes are its network interfaces, which it has from its start to its end. */
    private void requireNoMachineAt(Chain chain, int link, LinkShape shape) {
        if (shape.kind() != LinkShape.Kind.PIPE) {
            return;
        }
        for (Stage stage : chain.stages().subList(link, link + 2)) {
            Optional<Node> inside = stage.nodes().stream()
                    .filter(node -> node.placement() == Placement.VM)
                    .findFirst();
            inside.ifPresent(node -> obstacle(
                    node.name(),
                    "link",
                    "the links of virtual machine '" + node.vm()
                            + "' are network interfaces that it has from its start on: leave link "
                            + name(chain, link) + " as it is, or start the chain anew"));
        }
    }

    private void compare(int before, int after) {
        Link old = present.links().get(before);
        Link now = target.links().get(after);
        String name = name(target, after);
        if (!LinkShape.of(target, after).hasRing()) {
            return;
        }
        if (old.policy() == now.policy()) {
            untouched.add("link " + name);
        } else {
            step(
                    Kind.CHANGE_LINK,
                    name,
                    "link " + name + " treats packets that it has no room for by policy '"
                            + now.policy().name().toLowerCase(Locale.ROOT) + "' from now on");
        }
    }

    /** Switches and their regions are made when a chain starts, and a switch's port stays with the process that has opened it. */
    private void compareSwitches() {
        List<SwitchLink> before = SwitchLink.of(present);
        List<SwitchLink> after = SwitchLink.of(target);
        if (before.size() != after.size()) {
            obstacle(
                    "",
                    "links",
                    "links of type vale are neither put in nor taken out while a chain runs, for the memory between them is"
                            + " made when it starts: leave it the " + before.size() + " that it has, or start it anew");
            return;
        }
        for (int i = 0; i < before.size(); i++) {
            int was = before.get(i).link();
            int is = after.get(i).link();
            if (!presentIds.ids().get(was).equals(targetIds.ids().get(is))) {
                String behind = target.stages().get(is + 1).nodes().getFirst().name();
                obstacle(behind, "link", anotherSwitch(was, is));
            }
        }
    }

    private String anotherSwitch(int was, int is) {
        LinkShape before = LinkShape.of(present, was);
        LinkShape after = LinkShape.of(target, is);
        String name = name(present, was);
        if (before.slots() != after.slots()) {
            return "the switch of link " + name + " has rings of " + before.slots()
                    + " slots as long as the chain runs: leave it so, or start the chain anew";
        }
        if (!before.before().equals(after.before()) || !before.behind().equals(after.behind())) {
            return "the ports of link " + name
                    + ", of type vale, stay in the processes and machines that have opened them:"
                    + " have functions at its ends run where those run that there are, or start the chain anew";
        }
        return "a function would get from one side of link " + name
                + ", of type vale, to the other, where it must not take its memory along: leave it on its side, or start the"
                + " chain anew";
    }

    private static String described(LinkShape shape) {
        return (shape.kind() == LinkShape.Kind.PIPE ? "pipe" : "queue") + " of " + shape.slots() + " slots";
    }

    /** The name of a link: what it joins. */
    static String name(Chain chain, int link) {
        return name(chain.stages().get(link)) + " - " + name(chain.stages().get(link + 1));
    }

    private static String name(Stage stage) {
        return stage.nodes().stream().map(Node::name).collect(Collectors.joining("|"));
    }
}
