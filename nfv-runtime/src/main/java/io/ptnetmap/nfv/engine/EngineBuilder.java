// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.api.NetworkFunction;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Makes the {@link Engine} of the part of a chain that runs in one process. Used once, by one thread. */
public final class EngineBuilder {
    private final EnginePorts source;
    private Optional<Profiler> profiler = Optional.empty();
    private Optional<LinkIds> links = Optional.empty();
    private StateSource states = StateSource.NONE;
    private Sampling sampling = Sampling.USUAL;

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

    /** Has the links be called by these numbers, as in a chain that has been changed; by default they count from 0. */
    public EngineBuilder links(LinkIds ids) {
        links = Optional.of(ids);
        return this;
    }

    /** Has functions whose state the chain keeps ({@code persist}) go on, when they are started, from what there is of it. */
    public EngineBuilder states(StateSource kept) {
        states = kept;
        return this;
    }

    /** Has links to other processes be timed, with what they say on the same board. */
    public EngineBuilder stamps(Optional<StampBoard> board) {
        sampling = new Sampling(sampling.on(), board);
        return this;
    }

    /** Has no times of packets be taken, so that {@link Engine#latency} has nothing to say; for measuring what that costs. */
    public EngineBuilder withoutLatency() {
        sampling = new Sampling(false, sampling.board());
        return this;
    }

    /**
     * Opens the ports and makes the functions; nothing moves before {@link Engine#start}.
     *
     * @param here which nodes run in this process
     * @throws io.ptnetmap.NetmapException if a port cannot be opened
     * @throws io.ptnetmap.nfv.chain.NodeConfigurationException if a function refuses its configuration
     */
    public Engine build(Chain chain, Predicate<Node> here, FunctionRegistry registry) {
        return build(chain, here, node -> registry.create(node.type(), node.config()));
    }

    /** The same with functions from elsewhere: {@code maker} is asked for that of each node which is no port. */
    public Engine build(Chain chain, Predicate<Node> here, Function<Node, NetworkFunction> maker) {
        LinkIds ids = links.orElseGet(() -> LinkIds.of(chain));
        Fabric fabric = new Assembly(
                        source, Fabric.none(chain), chain, ids, here, sampling, maker, name -> new Account())
                .build();
        return new Engine(source, maker, fabric, sampling, profiler, states);
    }
}
