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
import io.ptnetmap.nfv.engine.Engine.Placed;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/** Turns the {@link Layout} of the part of a chain that runs in one process into workers, segments and links. Used once, by one thread. */
public final class EngineBuilder {
    private final EnginePorts source;
    private final List<NetmapPort> ports = new ArrayList<>();
    private final List<ThreadLink> threadLinks = new ArrayList<>();
    private final List<Placed> placed = new ArrayList<>();
    private final Map<Integer, Worker> workers = new TreeMap<>();
    private final Map<Integer, TimeMeter> meters = new TreeMap<>();
    private Optional<Profiler> profiler = Optional.empty();
    /** For each stage that has one, its end of the link before it that is not a plain call; and of that behind it. */
    private final Map<Integer, LinkEnd> leftEnds = new HashMap<>();

    private final Map<Integer, LinkEnd> rightEnds = new HashMap<>();
    private Chain chain;
    private Layout layout;
    private Function<Node, NetworkFunction> functions;

    EngineBuilder(EnginePorts source) {
        this.source = source;
    }

    /**
     * Has the engine take the time of its functions and workers, for {@link Engine#timeUse}.
     *
     * @param follower is told of what happens
     */
    public EngineBuilder profiled(Profiler follower) {
        profiler = Optional.of(follower);
        return this;
    }

    /**
     * Opens the ports and makes the functions; nothing moves before {@link Engine#start}.
     *
     * @param here which nodes run in this process
     * @throws io.ptnetmap.NetmapException if a port cannot be opened
     * @throws NodeConfigurationException if a function refuses its configuration
     */
    public Engine build(Chain chainToBuild, Predicate<Node> here, FunctionRegistry registry) {
        return build(chainToBuild, here, node -> registry.create(node.type(), node.config()));
    }

    /** The same with functions from elsewhere: {@code maker} is asked for that of each node which is no port. */
    public Engine build(Chain chainToBuild, Predicate<Node> here, Function<Node, NetworkFunction> maker) {
        chain = chainToBuild;
        layout = new Layout(chain, here);
        functions = maker;
        try {
            openOutsidePort(0, leftEnds);
            openOutsidePort(chain.stages().size() - 1, rightEnds);
            layout.pipeEnds().forEach(this::openPipe);
            layout.joints().forEach(this::addThreadLink);
            layout.rows().forEach(this::addSegment);
        } catch (RuntimeException failure) {
            threadLinks.forEach(ThreadLink::close);
            ports.forEach(NetmapPort::close);
            throw failure;
        }
        placed.sort((a, b) -> Integer.compare(position(a), position(b)));
        return new Engine(
                List.copyOf(workers.values()), ports, threadLinks, placed, meters, profiler, this::functionOf);
    }

    private int position(Placed place) {
        List<Node> nodes = chain.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).name().equals(place.instance().name())) {
                return i;
            }
        }
        return nodes.size();
    }

    private void openOutsidePort(int stage, Map<Integer, LinkEnd> ends) {
        Node node = layout.node(stage);
        if (layout.isHere(stage) && node.isPort()) {
            ends.put(stage, new PortEnd(keep(source.outside(node.port())), true));
        }
    }

    private void openPipe(Layout.PipeEnd end) {
        PortEnd port = new PortEnd(keep(source.pipeEnd(chain, end)), false);
        if (end.mark() == '{') {
            rightEnds.put(end.link(), port);
        } else {
            leftEnds.put(end.link() + 1, port);
        }
    }

    private TxRing openScratch(int slots) {
        return keep(source.scratch(slots)).txRing(0);
    }

    private NetmapPort keep(NetmapPort port) {
        ports.add(port);
        return port;
    }

    private void addThreadLink(Layout.Joint joint) {
        List<Node> observers = layout.observers(joint);
        ThreadLink link = new ThreadLink(
                openScratch(joint.entries()), openScratch(joint.entries()), joint.entries(), observers.size());
        threadLinks.add(link);
        rightEnds.put(joint.from(), link.left());
        leftEnds.put(joint.to(), link.right());
        for (int i = 0; i < observers.size(); i++) {
            Instance instance = instance(observers.get(i));
            worker(observers.get(i))
                    .add(new Observation(
                            instance,
                            link.observer(i, false),
                            link.observer(i, true),
                            openScratch(Layout.OBSERVER_SLOTS)));
            placed.add(new Placed(instance, observers.get(i).worker(), Optional.of(link.right())));
        }
    }

    private void addSegment(Layout.Row row) {
        Optional<LinkEnd> left = Optional.ofNullable(leftEnds.get(row.first()));
        Optional<LinkEnd> right = Optional.ofNullable(rightEnds.get(row.last()));
        List<Instance> instances = new ArrayList<>();
        for (int stage = row.first(); stage <= row.last(); stage++) {
            Node node = layout.node(stage);
            Instance instance = instance(node);
            instances.add(instance);
            placed.add(new Placed(instance, node.worker(), stage == row.first() ? left : Optional.empty()));
        }
        worker(layout.node(row.first()))
                .add(new Segment(
                        instances,
                        left,
                        right,
                        row.first() == 0 ? Policy.DROP : policy(row.first() - 1),
                        row.last() == chain.stages().size() - 1 ? Policy.DROP : policy(row.last()),
                        openScratch(Segment.SCRATCH_SLOTS)));
    }

    private Policy policy(int link) {
        return chain.links().get(link).policy();
    }

    private Instance instance(Node node) {
        if (node.isPort()) {
            return Instance.ofPort(node.name(), node.port());
        }
        try {
            return Instance.of(node.name(), node.type(), functions.apply(node), node.onFailure());
        } catch (ConfigurationException refusal) {
            throw new NodeConfigurationException(node.name(), refusal);
        }
    }

    /** Makes the function of a node once more. */
    private NetworkFunction functionOf(String name) {
        Node node = chain.nodes().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow();
        try {
            return functions.apply(node);
        } catch (ConfigurationException refusal) {
            throw new NodeConfigurationException(name, refusal);
        }
    }

    private Worker worker(Node node) {
        return workers.computeIfAbsent(node.worker(), this::newWorker);
    }

    private Worker newWorker(int number) {
        Optional<TimeMeter> timed = profiler.map(follower -> new TimeMeter(follower.listener()));
        timed.ifPresent(meter -> meters.put(number, meter));
        Path directory = chain.source().toAbsolutePath().getParent();
        return new Worker(
                number, directory, -1, timed.<Meter>map(meter -> meter).orElse(Meter.OFF));
    }
}
