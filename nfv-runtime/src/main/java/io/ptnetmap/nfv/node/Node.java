// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.Health;
import io.ptnetmap.nfv.node.model.NodeDetails;
import io.ptnetmap.nfv.state.FunctionStates;
import io.ptnetmap.nfv.state.StateStoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A node of this process: brings back the chains that its state directory knows, and does with them what it is told. Thread-safe.
 */
public final class Node implements AutoCloseable {
    private static final String PRIVATE = "rwx------";

    private final NodeSettings settings;
    private final Instant started = Instant.now();
    private final NodeStore store;
    private final FunctionStates states;
    private final Preparation preparation;
    private final Events events = new Events();
    private final Operations operations;
    private final Chains chains;
    private final Views views;

    private Node(
            NodeSettings settings,
            ChainLauncher launcher,
            NodeStore store,
            FunctionStates states,
            Preparation preparation) {
        this.settings = settings;
        this.store = store;
        this.states = states;
        this.preparation = preparation;
        operations = new Operations(store, events);
        chains = new Chains(settings, launcher, preparation, store, states, operations, events);
        views = new Views(chains, operations, preparation.functions());
    }

    /**
     * Opens a node; its chains start meanwhile.
     *
     * @throws NodeStartException if its directories cannot be used, or another process uses them
     */
    public static Node open(NodeSettings settings, ChainLauncher launcher) {
        makeDirectory(settings.state());
        makeDirectory(settings.data());
        NodeStore store = NodeStore.open(settings.state().resolve("node.mv"));
        Optional<FunctionStates> states = Optional.empty();
        try {
            states = Optional.of(FunctionStates.open(settings.state().resolve(FunctionStates.FILE)));
            Node node = new Node(settings, launcher, store, states.get(), new Preparation(settings));
            node.events.publish(
                    Event.Type.NODE_STARTED, Optional.empty(), Optional.empty(), "", Map.of("name", settings.name()));
            node.chains.resume();
            return node;
        } catch (StateStoreException unusable) {
            store.close();
            throw new NodeStartException(unusable.getMessage(), unusable);
        } catch (RuntimeException failure) {
            states.ifPresent(FunctionStates::close);
            store.close();
            throw failure;
        }
    }

    /**
     * Makes a directory of the node's own, if it is not there.
     *
     * @throws NodeStartException if it cannot be made
     */
    public static void makeDirectory(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
            }
        } catch (IOException failure) {
            throw new NodeStartException(
                    "cannot make directory " + directory + ": " + FileErrors.why(failure), failure);
        }
    }

    public Chains chains() {
        return chains;
    }

    public Views views() {
        return views;
    }

    public Operations operations() {
        return operations;
    }

    public Events events() {
        return events;
    }

    /** This node. */
    public NodeDetails details() {
        return new NodeDetails(
                settings.name(),
                NodeDetails.Kind.HOST,
                version(),
                started,
                Launcher.driver(),
                OptionalInt.of(Runtime.getRuntime().availableProcessors()),
                Optional.empty(),
                OptionalInt.of(chains.all().size()),
                OptionalInt.of(views.atWork()));
    }

    private static String version() {
        String version = Node.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    /** This node and the virtual machines that run functions for it. */
    public List<NodeDetails> nodes() {
        List<NodeDetails> nodes = new ArrayList<>(List.of(details()));
        for (HostedChain chain : chains.all()) {
            if (chain.isRunning()) {
                chain.prepared()
                        .ifPresent(prepared -> prepared.chain()
                                .vms()
                                .forEach(
                                        (name, vm) -> nodes.add(machine(prepared.chain(), name, vm, chain.started()))));
            }
        }
        return nodes;
    }

    private static NodeDetails machine(Chain chain, String name, Chain.Vm vm, Optional<Instant> started) {
        return new NodeDetails(
                name,
                NodeDetails.Kind.VM,
                version(),
                started.orElse(Instant.EPOCH),
                "kernel",
                OptionalInt.of(vm.cpus()),
                Optional.of(chain.name()),
                OptionalInt.of(1),
                OptionalInt.of((int) chain.nodes().stream()
                        .filter(node -> node.vm().equals(name))
                        .count()));
    }

    /** Whether the process works: who finds that it does not starts it again, which stops its chains. */
    public Health live() {
        return Health.of(List.of(new Health.Check("process", Health.Status.UP, Optional.empty())));
    }

    /** Whether the chains that should run do, and changes can be stored. */
    public Health ready() {
        List<Health.Check> checks = new ArrayList<>(live().checks());
        checks.add(new Health.Check(
                "store", Health.Status.of(store.works()), Optional.of("descriptors and operations on the disk")));
        int missing = views.notRunning();
        // Everybody may ask: names and reasons are for those who may read.
        checks.add(new Health.Check(
                "chains",
                Health.Status.of(missing == 0),
                missing == 0 ? Optional.empty() : Optional.of(missing + " do not run, and should")));
        return Health.of(checks);
    }

    /** Drains all chains, which stay as they are to be, and ends; takes little longer than chains may take to drain. */
    @Override
    public void close() {
        chains.close(settings.drain().plus(Duration.ofSeconds(2)));
        states.close();
        store.close();
        preparation.close();
    }
}
