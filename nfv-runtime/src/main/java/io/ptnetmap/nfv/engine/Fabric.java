// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.NetmapPort;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the part of a chain in this process is made of at a time. Does not change; a change of the chain makes another one,
 * which has in common with this one what goes on.
 *
 * @param chain that it is a part of
 * @param wires links that are no calls, by their {@linkplain LinkIds number}
 * @param outside ports at the chain's ends, by {@link #outsideKey}
 * @param strands rows of functions, in the chain's order
 * @param watches functions that look at packets in parallel
 * @param placed the functions, in the chain's order, and where they are
 */
record Fabric(
        Chain chain,
        Map<Integer, Wire> wires,
        Map<String, Wire> outside,
        List<Strand> strands,
        List<Watch> watches,
        List<Engine.Placed> placed) {
    Fabric(
            Chain chain,
            Map<Integer, Wire> wires,
            Map<String, Wire> outside,
            List<Strand> strands,
            List<Watch> watches) {
        this(chain, wires, outside, strands, watches, placed(chain, strands, watches));
    }

    /**
     * A row of functions on one worker.
     *
     * @param functions in the chain's order
     * @param segment runs them, perhaps others before
     * @param scratch ring of the segment's
     */
    record Strand(
            int worker,
            Optional<Wire> left,
            Optional<Wire> right,
            List<Instance> functions,
            Policy leftPolicy,
            Policy rightPolicy,
            Segment segment,
            NetmapPort scratch) {
        /** The function names, for people. */
        String words() {
            return String.join(", ", functions.stream().map(Instance::name).toList()) + " (worker " + worker + ")";
        }
    }

    /**
     * A function that looks at the packets of a queue.
     *
     * @param observation runs it, perhaps another one before
     * @param scratch ring of the observation's
     */
    record Watch(int worker, Wire wire, Instance instance, Observation observation, NetmapPort scratch) {}

    /** The part that nothing has been made of yet. */
    static Fabric none(Chain chain) {
        return new Fabric(chain, Map.of(), Map.of(), List.of(), List.of());
    }

    /** What tells ports at the chain's ends apart. */
    static String outsideKey(Node node, boolean beginning) {
        return (beginning ? "in " : "out ") + node.port();
    }

    private static List<Engine.Placed> placed(Chain chain, List<Strand> strands, List<Watch> watches) {
        Map<String, Engine.Placed> found = new HashMap<>();
        for (Strand strand : strands) {
            for (int i = 0; i < strand.functions.size(); i++) {
                Instance instance = strand.functions.get(i);
                Optional<LinkEnd> link = i == 0 ? strand.left.flatMap(wire -> wire.right) : Optional.empty();
                found.put(instance.name(), new Engine.Placed(instance, strand.worker, link));
            }
        }
        for (Watch watch : watches) {
            found.put(watch.instance.name(), new Engine.Placed(watch.instance, watch.worker, watch.wire.right));
        }
        return chain.nodes().stream()
                .map(node -> Optional.ofNullable(found.get(node.name())))
                .flatMap(Optional::stream)
                .toList();
    }

    /** The functions by name, in the chain's order. */
    Map<String, Instance> instances() {
        Map<String, Instance> instances = new LinkedHashMap<>();
        placed().forEach(place -> instances.put(place.instance().name(), place.instance()));
        return instances;
    }

    /** Numbers of the workers that have something to run. */
    Set<Integer> workers() {
        Set<Integer> numbers = new TreeSet<>();
        strands.forEach(strand -> numbers.add(strand.worker));
        watches.forEach(watch -> numbers.add(watch.worker));
        return numbers;
    }

    /** What each worker has to run. */
    List<Segment> segmentsOf(int worker) {
        return new ArrayList<>(strands.stream()
                .filter(strand -> strand.worker == worker)
                .map(Strand::segment)
                .toList());
    }

    /** What each worker has to run besides. */
    List<Observation> observationsOf(int worker) {
        return new ArrayList<>(watches.stream()
                .filter(watch -> watch.worker == worker)
                .map(Watch::observation)
                .toList());
    }

    Set<Wire> allWires() {
        Set<Wire> all = new HashSet<>(wires.values());
        all.addAll(outside.values());
        return all;
    }

    Set<NetmapPort> scratches() {
        Set<NetmapPort> all = new HashSet<>();
        Stream.concat(strands.stream().map(Strand::scratch), watches.stream().map(Watch::scratch))
                .forEach(all::add);
        return all;
    }

    /** Gives back ports and rings. */
    void closePorts() {
        allWires().forEach(Wire::closePorts);
        scratches().forEach(NetmapPort::close);
    }

    /** Gives back what workers sleep on; when none does any more. */
    void closeQueues() {
        allWires().forEach(Wire::closeQueues);
    }
}
