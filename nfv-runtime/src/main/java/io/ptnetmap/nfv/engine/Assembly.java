// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.TxRing;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Fabric.Strand;
import io.ptnetmap.nfv.engine.Fabric.Watch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes a {@link Fabric} out of what an earlier one has that goes on, and of new functions, ports and links for the rest. Touches
 * nothing of the earlier one. Used once, by one thread.
 */
final class Assembly {
    private final EnginePorts source;
    private final Fabric old;
    private final Chain chain;
    private final Layout layout;
    private final Sampling sampling;
    private final Function<Node, NetworkFunction> maker;
    private final Function<String, Account> accounts;

    private final Map<String, Instance> instancesBefore;
    private final List<NetmapPort> opened = new ArrayList<>();
    private final List<ThreadLink> joined = new ArrayList<>();
    private final Map<String, Instance> made = new LinkedHashMap<>();
    private final Map<Integer, Wire> wires = new HashMap<>();
    private final Map<String, Wire> outside = new HashMap<>();
    /** For each stage that has one, the link before it that is not a plain call; and that behind it. */
    private final Map<Integer, Wire> leftWires = new HashMap<>();

    private final Map<Integer, Wire> rightWires = new HashMap<>();
    private final List<Strand> strands = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();

    /**
     * @param old what there is
     * @param ids of the links of {@code chain}
     * @param here which nodes run in the process
     * @param sampling whether times are taken, and how
     * @param maker makes functions
     * @param accounts gives the account of an instance by its name, one that there was before included
     */
    Assembly(
            EnginePorts source,
            Fabric old,
            Chain chain,
            LinkIds ids,
            Predicate<Node> here,
            Sampling sampling,
            Function<Node, NetworkFunction> maker,
            Function<String, Account> accounts) {
        this.source = source;
        this.old = old;
        this.chain = chain;
        this.layout = new Layout(chain, ids, here);
        this.sampling = sampling;
        this.maker = maker;
        this.accounts = accounts;
        this.instancesBefore = old.instances();
    }

    /**
     * Opens and makes what is needed; whatever it throws, it has closed again.
     *
     * @throws io.ptnetmap.NetmapException if a port cannot be opened
     * @throws NodeConfigurationException if a function refuses its configuration
     */
    Fabric build() {
        try {
            outsidePort(0, true);
            outsidePort(chain.stages().size() - 1, false);
            pipes();
            layout.joints().forEach(this::threadLink);
            layout.rows().forEach(this::strand);
            return new Fabric(chain, wires, outside, strands, watches);
        } catch (RuntimeException failure) {
            discard();
            throw failure;
        }
    }

    /** The functions that have been made, by name; the others were there before. */
    Map<String, Instance> made() {
        return made;
    }

    /** Closes what has been opened. */
    void discard() {
        joined.forEach(ThreadLink::close);
        opened.forEach(NetmapPort::close);
    }

    private void outsidePort(int stage, boolean beginning) {
        Node node = layout.node(stage);
        if (layout.isHere(stage) && node.isPort()) {
            String key = Fabric.outsideKey(node, beginning);
            Wire wire = old.outside().containsKey(key)
                    ? old.outside().get(key)
                    : Wire.outside(keep(source.outside(chain.region(stage), layout.outsidePort(stage))), beginning);
            outside.put(key, wire);
            (beginning ? leftWires : rightWires).put(stage, wire);
        }
    }

    private void pipes() {
        Map<Integer, NetmapPort> left = new HashMap<>();
        Map<Integer, NetmapPort> right = new HashMap<>();
        List<Layout.PipeEnd> ends = layout.pipeEnds();
        for (Layout.PipeEnd end : ends) {
            if (!old.wires().containsKey(end.id())) {
                (end.mark() == '{' ? left : right).put(end.link(), keep(source.pipeEnd(chain, end)));
            }
        }
        for (Layout.PipeEnd end : ends) {
            int link = end.link();
            Wire wire = wires.computeIfAbsent(
                    end.id(),
                    id -> Optional.ofNullable(old.wires().get(id))
                            .orElseGet(() -> wire(
                                    end, Optional.ofNullable(left.get(link)), Optional.ofNullable(right.get(link)))));
            if (end.mark() == '{') {
                rightWires.put(link, wire);
            } else {
                leftWires.put(link + 1, wire);
            }
        }
    }

    private Wire wire(Layout.PipeEnd end, Optional<NetmapPort> left, Optional<NetmapPort> right) {
        return end.isSwitch(chain)
                ? Wire.viaSwitch(left, right)
                : Wire.pipe(left, right, stamps(end.id(), left, right));
    }

    private Optional<Stamps> stamps(int id, Optional<NetmapPort> left, Optional<NetmapPort> right) {
        if (!sampling.on()) {
            return Optional.empty();
        }
        int slots = left.or(() -> right).map(port -> port.txRing(0).slots()).orElseThrow();
        return left.isPresent() && right.isPresent()
                ? Optional.of(Stamps.here(slots))
                : sampling.board().flatMap(board -> board.of(id, slots));
    }

    private void threadLink(Layout.Joint joint) {
        int id = layout.id(joint.from());
        List<Node> observers = layout.observers(joint);
        Wire wire = Optional.ofNullable(old.wires().get(id)).orElseGet(() -> open(joint, observers.size()));
        wires.put(id, wire);
        rightWires.put(joint.from(), wire);
        leftWires.put(joint.to(), wire);
        for (int i = 0; i < observers.size(); i++) {
            watches.add(watch(wire, joint.from(), observers.get(i), i));
        }
    }

    private Wire open(Layout.Joint joint, int observers) {
        NetmapPort forward = scratch(joint.from(), joint.entries());
        NetmapPort backward = scratch(joint.from(), joint.entries());
        ThreadLink link = new ThreadLink(ring(forward), ring(backward), joint.entries(), observers);
        joined.add(link);
        return Wire.thread(link, List.of(forward, backward));
    }

    private Watch watch(Wire wire, int stage, Node node, int index) {
        Instance instance = instance(node);
        for (Watch before : old.watches()) {
            if (before.wire() == wire && before.instance().name().equals(node.name())) {
                return new Watch(node.worker(), wire, instance, before.observation(), before.scratch());
            }
        }
        NetmapPort scratch = scratch(stage, Layout.OBSERVER_SLOTS);
        Observation observation =
                new Observation(instance, wire.observer(index, false), wire.observer(index, true), ring(scratch));
        return new Watch(node.worker(), wire, instance, observation, scratch);
    }

    private void strand(Layout.Row row) {
        int worker = layout.node(row.first()).worker();
        Optional<Wire> left = Optional.ofNullable(leftWires.get(row.first()));
        Optional<Wire> right = Optional.ofNullable(rightWires.get(row.last()));
        Policy leftPolicy = row.first() == 0 ? Policy.DROP : policy(row.first() - 1);
        Policy rightPolicy = row.last() == chain.stages().size() - 1 ? Policy.DROP : policy(row.last());
        List<Instance> functions = new ArrayList<>();
        for (int stage = row.first(); stage <= row.last(); stage++) {
            functions.add(instance(layout.node(stage)));
        }
        for (Strand before : old.strands()) {
            if (before.worker() == worker
                    && before.left().equals(left)
                    && before.right().equals(right)) {
                strands.add(new Strand(
                        worker, left, right, functions, leftPolicy, rightPolicy, before.segment(), before.scratch()));
                return;
            }
        }
        NetmapPort scratch = scratch(row.first(), Segment.SCRATCH_SLOTS);
        Segment segment = new Segment(
                functions,
                left.flatMap(wire -> wire.right),
                right.flatMap(wire -> wire.left),
                leftPolicy,
                rightPolicy,
                ring(scratch));
        segment.sample(sampling.on());
        strands.add(new Strand(worker, left, right, functions, leftPolicy, rightPolicy, segment, scratch));
    }

    private Policy policy(int link) {
        return chain.links().get(link).policy();
    }

    /** @param stage in whose region it is to lie */
    private NetmapPort scratch(int stage, int slots) {
        return keep(source.scratch(chain.region(stage), slots));
    }

    private static TxRing ring(NetmapPort scratch) {
        return scratch.txRing(0);
    }

    private NetmapPort keep(NetmapPort port) {
        opened.add(port);
        return port;
    }

    private Instance instance(Node node) {
        Instance before = instancesBefore.get(node.name());
        if (before != null && isSame(nodeBefore(node.name()), node)) {
            return before;
        }
        Account account = accounts.apply(node.name());
        Instance instance;
        if (node.isPort()) {
            instance = Instance.ofPort(node.name(), node.port(), account);
        } else {
            try {
                instance = Instance.of(node.name(), node.type(), maker.apply(node), account, node.onFailure());
            } catch (ConfigurationException refusal) {
                throw new NodeConfigurationException(node.name(), refusal);
            }
        }
        made.put(node.name(), instance);
        return instance;
    }

    private Node nodeBefore(String name) {
        return old.chain().nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Whether one instance does for both. Which worker runs it is none of its business. */
    private static boolean isSame(Node a, Node b) {
        return a.type().equals(b.type())
                && a.port().equals(b.port())
                && a.onFailure().equals(b.onFailure())
                && Objects.equals(a.config(), b.config());
    }
}
