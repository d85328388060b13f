// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.chain;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A validated chain: a path of stages, each joined to the next by a link that carries packets both ways.
 *
 * @param name of the chain
 * @param source the descriptor's file, for messages and for other processes that run parts of the chain
 * @param stages at least one, in order
 * @param links one fewer than stages; {@code links.get(i)} joins stage i with stage i + 1
 * @param memory of the region that all links share
 * @param functionPath jars and directories with functions of the user's own
 * @param vms the virtual machines that functions are placed in, by name
 * @param files where the files are that its functions name
 */
public record Chain(
        String name,
        Path source,
        List<Stage> stages,
        List<Link> links,
        Memory memory,
        List<Path> functionPath,
        Map<String, Vm> vms,
        ChainFiles files) {

    /** Whose files are found from its descriptor's directory. */
    public Chain(
            String name,
            Path source,
            List<Stage> stages,
            List<Link> links,
            Memory memory,
            List<Path> functionPath,
            Map<String, Vm> vms) {
        this(name, source, stages, links, memory, functionPath, vms, ChainFiles.beside(source));
    }

    /**
     * What stands at one place of the path.
     *
     * @param nodes one, or several read-only functions that look at the same packets in parallel
     */
    public record Stage(List<Node> nodes) {}

    /**
     * A function, or a netmap port at an end of the chain.
     *
     * @param name unique in the chain
     * @param type name of the function's type; empty for a port
     * @param port netmap port specification, such as {@code netmap:eth0}; empty for a function
     * @param config the function's typed, validated configuration record; null for a port and
     *     for a function without one
     * @param placement where it runs
     * @param vm the virtual machine that it runs in; empty if it runs in none
     * @param worker which thread of its process, from 0
     * @param trust the group of functions that may write each other's packets; that of its neighbour for a port
     * @param onFailure what to do when it throws
     * @param persist how old, after a crash, what is kept of its state may be; empty if none is to be kept
     */
    public record Node(
            String name,
            String type,
            String port,
            Object config,
            Placement placement,
            String vm,
            int worker,
            String trust,
            OnFailure onFailure,
            Optional<Duration> persist) {
        /** The group of functions that are in no other. */
        public static final String DEFAULT_TRUST = "default";

        /** A node in the default group, with the usual reaction to failures, of whose state nothing is kept. */
        public Node(String name, String type, String port, Object config, Placement placement, String vm, int worker) {
            this(name, type, port, config, placement, vm, worker, DEFAULT_TRUST, OnFailure.DEFAULT, Optional.empty());
        }

        /** Whether this is a port rather than a function. */
        public boolean isPort() {
            return !port.isEmpty();
        }

        /** Which process or machine it runs in; the same for two nodes only if they run in the same one. */
        public String place() {
            return switch (placement) {
                case SAME -> "";
                case OWN -> "process " + name;
                case VM -> "vm " + vm;
            };
        }
    }

    /**
     * What to do when a function throws while packets flow, or its process dies.
     *
     * @param reaction to each failure
     * @param limit failures within the window that put the function into quarantine: it is called no more
     * @param window how long failures count
     */
    public record OnFailure(Reaction reaction, int limit, Duration window) {
        /** What is undecided is dropped; ten failures in a minute are too many. */
        public static final OnFailure DEFAULT = new OnFailure(Reaction.CLOSED, 10, Duration.ofMinutes(1));

        /** The chain ends. */
        public static final OnFailure STOP = new OnFailure(Reaction.STOP, DEFAULT.limit, DEFAULT.window);
    }

    /** What becomes of packets over which a function has failed, and of those that come while it is in quarantine. */
    public enum Reaction {
        /** They are dropped: nothing passes unchecked. */
        CLOSED,
        /** They pass it by. */
        OPEN,
        /** The chain ends, with the function's name and what it threw. */
        STOP
    }

    /** Where a function runs. */
    public enum Placement {
        /** In the process that runs the chain. */
        SAME,
        /** In a process of its own. */
        OWN,
        /** In a virtual machine, with the other functions that are placed there. */
        VM
    }

    /**
     * A virtual machine.
     *
     * @param memory bytes
     * @param cpus virtual processors
     * @param files that its functions read, relative to the descriptor's directory, where they find them in the machine too
     */
    public record Vm(long memory, int cpus, List<String> files) {}

    /**
     * What joins two stages.
     *
     * @param type how packets get across
     * @param policy what happens when the far side does not keep up
     * @param slots ring size of a pipe, or of a switch's ports
     */
    public record Link(LinkType type, Policy policy, int slots) {}

    /** How packets get from one stage to the next. */
    public enum LinkType {
        /**
         * The cheapest way: a call on the same worker, a Disruptor between workers, a pipe between processes and virtual
         * machines.
         */
        AUTO,
        /** A netmap pipe, wherever the two stages run. */
        PIPE,
        /**
         * A switch with a port for each of the two stages, which lie in regions of their own: packets are copied from one
         * into the other, and neither side can reach the other's memory.
         */
        VALE
    }

    /** What happens when the far side of a link does not keep up. */
    public enum Policy {
        /** The near side waits. */
        BLOCK,
        /** The near side drops, and counts it. */
        DROP
    }

    /**
     * The region's size.
     *
     * @param buffers packet buffers; 0 = as many as the chain's rings need
     * @param bufferSize bytes of each, a multiple of 64
     */
    public record Memory(int buffers, int bufferSize) {}

    /** Memory regions that the chain's links lie in, one behind the other along the path: those between {@code vale} links. */
    public int regions() {
        return region(stages.size() - 1);
    }

    /** The number of the region that a stage and all its links but those of type {@code vale} lie in, from 1. */
    public int region(int stage) {
        int region = 1;
        for (int link = 0; link < stage; link++) {
            region += links.get(link).type() == LinkType.VALE ? 1 : 0;
        }
        return region;
    }

    /** All nodes, in order. */
    public List<Node> nodes() {
        List<Node> nodes = new ArrayList<>(stages.size());
        for (Stage stage : stages) {
            nodes.addAll(stage.nodes());
        }
        return Collections.unmodifiableList(nodes);
    }
}
