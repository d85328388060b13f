// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.LinkType;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Policy;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.engine.Engine.Placed;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Turns the part of a chain that runs in one process into workers, segments and links.
 *
 * <p>Neighbours on the same worker join into a segment and call each other; neighbours on different workers get a {@link
 * ThreadLink}; a netmap pipe joins what is in different processes, or is asked to be joined so. Pipes are named after the
 * chain and numbered by link, {@code netmap:CHAIN{0} towards the chain's beginning and {@code netmap:CHAIN}0} towards its
 * end, so that both processes find the same.
 *
 * <p>Used once, by one thread.
 */
public final class EngineBuilder {
    /** What fits a ring of the default region, and is more than any link between two threads needs. */
    private static final int MAX_THREAD_LINK_ENTRIES = 2048;

    private final Netmap netmap;
    private final List<NetmapPort> ports = new ArrayList<>();
    private final List<ThreadLink> threadLinks = new ArrayList<>();
    private final List<Placed> placed = new ArrayList<>();
    private final Map<Integer, Worker> workers = new TreeMap<>();
    private Chain chain;
    private Predicate<Node> here;
    private FunctionRegistry functions;
    private int memId;

    EngineBuilder(Netmap netmap) {
        this.netmap = netmap;
    }

    /**
     * Opens the ports and makes the functions; nothing moves before {@link Engine#start}.
     *
     * @param here which nodes run in this process
     * @throws io.ptnetmap.NetmapException if a port cannot be opened
     * @throws NodeConfigurationException if a function refuses its configuration
     */
    public Engine build(Chain chainToBuild, Predicate<Node> nodesHere, FunctionRegistry registry) {
        chain = chainToBuild;
        here = nodesHere;
        functions = registry;
        try {
            buildSegments();
        } catch (RuntimeException failure) {
            threadLinks.forEach(ThreadLink::close);
            ports.forEach(NetmapPort::close);
            throw failure;
        }
        return new Engine(List.copyOf(workers.values()), ports, threadLinks, placed);
    }

    private void buildSegments() {
        List<Optional<LinkEnd>> leftEnds = new ArrayList<>();
        List<Optional<LinkEnd>> rightEnds = new ArrayList<>();
        openLinks(leftEnds, rightEnds);
        List<Stage> stages = chain.stages();
        int first = 0;
        while (first < stages.size()) {
            if (!isHere(first) || isParallel(first)) {
                first++;
                continue;
            }
            int last = first;
            while (last + 1 < stages.size() && joinsByCall(last)) {
                last++;
            }
            addSegment(first, last, leftEnds.get(first), rightEnds.get(last));
            first = last + 1;
        }
        placed.sort((a, b) -> Integer.compare(position(a), position(b)));
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

    /** For each stage, its ends of the links before and behind it that are not plain calls. */
    private void openLinks(List<Optional<LinkEnd>> leftEnds, List<Optional<LinkEnd>> rightEnds) {
        int count = chain.stages().size();
        for (int i = 0; i < count; i++) {
            leftEnds.add(Optional.empty());
            rightEnds.add(Optional.empty());
        }
        openOutsidePort(0, leftEnds);
        openOutsidePort(count - 1, rightEnds);
        for (int i = 0; i + 1 < count; i++) {
            if (isPipe(i)) {
                if (isHere(i)) {
                    rightEnds.set(i, Optional.of(openPipe(i, '{')));
                }
                if (isHere(i + 1)) {
                    leftEnds.set(i + 1, Optional.of(openPipe(i, '}')));
                }
            }
        }
        memId = ports.isEmpty() ? 1 : ports.getFirst().memId();
        for (int i = 0; i + 1 < count; i++) {
            if (isHere(i) && isHere(i + 1) && !isParallel(i) && !isPipe(i) && !joinsByCall(i)) {
                int far = isParallel(i + 1) ? i + 2 : i + 1;
                ThreadLink link = openThreadLink(i, far);
                rightEnds.set(i, Optional.of(link.left()));
                leftEnds.set(far, Optional.of(link.right()));
            }
        }
    }

    private boolean isHere(int stage) {
        return chain.stages().get(stage).nodes().stream().allMatch(here);
    }

    private boolean isParallel(int stage) {
        return chain.stages().get(stage).nodes().size() > 1;
    }

    private boolean isPipe(int link) {
        return chain.links().get(link).type() == LinkType.PIPE || isHere(link) != isHere(link + 1);
    }

    private boolean joinsByCall(int link) {
        return isHere(link)
                && isHere(link + 1)
                && !isPipe(link)
                && !isParallel(link)
                && !isParallel(link + 1)
                && node(link).worker() == node(link + 1).worker();
    }

    private Node node(int stage) {
        return chain.stages().get(stage).nodes().getFirst();
    }

    private void openOutsidePort(int stage, List<Optional<LinkEnd>> ends) {
        if (isHere(stage) && node(stage).isPort()) {
            ends.set(stage, Optional.of(new PortEnd(open(node(stage).port()), true)));
        }
    }

    private PortEnd openPipe(int link, char end) {
        String parent = chain.name().replaceAll("[^A-Za-z0-9_]", "_");
        return new PortEnd(
                open("netmap:" + parent + end + link + "@conf:slots="
                        + chain.links().get(link).slots()),
                false);
    }

    private NetmapPort open(String spec) {
        NetmapPort port = netmap.openPort(spec);
        ports.add(port);
        return port;
    }

    private NetmapPort openScratch(int rings, int slots) {
        NetmapPort scratch = netmap.openScratch(memId, rings, slots);
        ports.add(scratch);
        return scratch;
    }

    private ThreadLink openThreadLink(int from, int to) {
        int wish = Math.clamp(chain.links().get(from).slots(), 2, MAX_THREAD_LINK_ENTRIES);
        int entries = Integer.highestOneBit(wish - 1) << 1;
        List<Node> observers = to == from + 2 ? chain.stages().get(from + 1).nodes() : List.of();
        ThreadLink link = new ThreadLink(openScratch(2, entries), entries, observers.size());
        threadLinks.add(link);
        for (int i = 0; i < observers.size(); i++) {
            Instance instance = instance(observers.get(i));
            worker(observers.get(i))
                    .add(new Observation(
                            instance,
                            link.observer(i, false),
                            link.observer(i, true),
                            openScratch(1, 2).txRing(0)));
            placed.add(new Placed(instance, observers.get(i).worker(), Optional.of(link.right())));
        }
        return link;
    }

    private void addSegment(int first, int last, Optional<LinkEnd> left, Optional<LinkEnd> right) {
        List<Instance> instances = new ArrayList<>();
        for (int stage = first; stage <= last; stage++) {
            Instance instance = instance(node(stage));
            instances.add(instance);
            placed.add(new Placed(instance, node(stage).worker(), stage == first ? left : Optional.empty()));
        }
        worker(node(first))
                .add(new Segment(
                        instances,
                        left,
                        right,
                        first == 0 ? Policy.DROP : policy(first - 1),
                        last == chain.stages().size() - 1 ? Policy.DROP : policy(last),
                        openScratch(1, Segment.SCRATCH_SLOTS).txRing(0)));
    }

    private Policy policy(int link) {
        return chain.links().get(link).policy();
    }

    private Instance instance(Node node) {
        if (node.isPort()) {
            return Instance.ofPort(node.name(), node.port());
        }
        try {
            boolean readOnly = functions.find(node.type()).orElseThrow().readOnly();
            return new Instance(
                    node.name(), node.type(), functions.create(node.type(), node.config()), readOnly, new Account());
        } catch (ConfigurationException refusal) {
            throw new NodeConfigurationException(node.name(), refusal);
        }
    }

    private Worker worker(Node node) {
        return workers.computeIfAbsent(
                node.worker(),
                number -> new Worker(
                        "worker-" + number, chain.source().toAbsolutePath().getParent(), -1));
    }
}
