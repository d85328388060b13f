// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainSchema;
import io.ptnetmap.nfv.chain.Crossing;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.KeptState;
import io.ptnetmap.nfv.node.RefusedException.Reason;
import io.ptnetmap.nfv.node.model.Balance;
import io.ptnetmap.nfv.node.model.ChainDetails;
import io.ptnetmap.nfv.node.model.ChainState;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.ptnetmap.nfv.node.model.FunctionAccount;
import io.ptnetmap.nfv.node.model.FunctionDetails;
import io.ptnetmap.nfv.node.model.FunctionState;
import io.ptnetmap.nfv.node.model.FunctionTypeDetails;
import io.ptnetmap.nfv.node.model.LinkDetails;
import io.ptnetmap.nfv.node.model.PersistedState;
import io.ptnetmap.nfv.node.model.PortDetails;
import io.ptnetmap.nfv.node.model.Statistics;
import io.ptnetmap.nfv.node.model.Statistics.Flow;
import io.ptnetmap.nfv.node.model.Timing;
import io.ptnetmap.nfv.registry.FunctionDescription;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartId;
import io.ptnetmap.nfv.telemetry.ChainSnapshot;
import io.ptnetmap.nfv.telemetry.ChainSnapshot.Hop;
import io.ptnetmap.nfv.telemetry.Latency;
import io.ptnetmap.nfv.telemetry.Latency.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the node tells of its chains. Thread-safe. */
public final class Views {
    private final Chains chains;
    private final Operations operations;
    private final FunctionRegistry functions;
    private final Map<String, ObjectNode> schemas = new ConcurrentHashMap<>();

    Views(Chains chains, Operations operations, FunctionRegistry functions) {
        this.chains = chains;
        this.operations = operations;
        this.functions = functions;
    }

    // --- Chains --------------------------------------------------------------------------------------------

    /** In the order of their names. */
    public List<String> chainNames() {
        return chains.all().stream().map(HostedChain::name).toList();
    }

    /** What a chain is, in short; empty if there is none of that name. */
    public Optional<ChainSummary> findChain(String name) {
        return chains.find(name).map(Views::summary);
    }

    /** @throws RefusedException if there is none of that name */
    public ChainSummary chainSummary(String name) {
        return summary(chains.get(name));
    }

    private static ChainSummary summary(HostedChain chain) {
        StoredChain stored = chain.stored();
        return new ChainSummary(
                chain.name(),
                stored.revision(),
                stored.desired(),
                chain.state(),
                nodes(chain).stream().map(Chain.Node::name).toList(),
                chain.started(),
                chain.error());
    }

    /** @throws RefusedException if there is none of that name */
    public ChainDetails chain(String name) {
        HostedChain chain = chains.get(name);
        StoredChain stored = chain.stored();
        return new ChainDetails(
                name,
                stored.revision(),
                stored.desired(),
                chain.state(),
                chain.error(),
                chains.descriptorJson(chain),
                stored.created(),
                stored.changed(),
                chain.started(),
                operations.underWay(name).map(operation -> "/v1/operations/" + operation.id()),
                chain.started().map(at -> Balance.of(chain.accounts(false).conservation())));
    }

    /** @throws RefusedException if there is none of that name */
    public Statistics statistics(String name) {
        HostedChain chain = chains.get(name);
        Accounts accounts = chain.accounts(false);
        Latency latency = chain.latency();
        ChainHealth health = chain.run().map(ChainRun::health).orElse(ChainHealth.NONE);
        List<Statistics.FunctionCount> counts = new ArrayList<>();
        for (Hop hop : accounts.inOrder()) {
            counts.add(new Statistics.FunctionCount(
                    hop.name(),
                    hop.type(),
                    stateOf(chain, hop.name(), health),
                    FunctionAccount.of(hop),
                    timing(latency, hop.name(), Kind.FUNCTION)));
        }
        return new Statistics(
                name,
                Instant.now(),
                accounts.elapsedNanos(),
                counts,
                links(chain, accounts, latency).stream()
                        .map(link -> count(link, accounts, latency))
                        .toList(),
                Optional.of(Balance.of(accounts.conservation())),
                latency.anywhere(Kind.CHAIN).map(Timing::of),
                latency.anywhere(Kind.CHAIN_BACKWARD).map(Timing::of));
    }

    private static Statistics.LinkCount count(LinkDetails link, Accounts accounts, Latency latency) {
        return new Statistics.LinkCount(
                link.name(),
                link.kind(),
                link.slots(),
                link.used(),
                Optional.ofNullable(accounts.hops().get(link.to()))
                        .map(hop -> new Flow(
                                hop.received() - hop.receivedBackward(),
                                hop.receivedBytes() - hop.receivedBackwardBytes(),
                                link.waitNanos(),
                                timing(latency, link.to(), Kind.ARRIVAL)))
                        .orElse(Flow.NONE),
                Optional.ofNullable(accounts.hops().get(link.from()))
                        .map(hop -> new Flow(
                                hop.receivedBackward(),
                                hop.receivedBackwardBytes(),
                                link.backwardWaitNanos(),
                                timing(latency, link.from(), Kind.ARRIVAL_BACKWARD)))
                        .orElse(Flow.NONE));
    }

    private static Optional<Timing> timing(Latency latency, String function, Kind kind) {
        return latency.at(function, kind).map(Timing::of);
    }

    private static List<Chain.Node> nodes(HostedChain chain) {
        return chain.prepared().map(prepared -> prepared.chain().nodes()).orElse(List.of());
    }

    /** A chain's run, for a look into it. */
    public ChainRun run(String name) {
        HostedChain chain = chains.get(name);
        return chain.run().orElseThrow(() -> RefusedException.notRunning(name, chain.state()));
    }

    // --- Functions -----------------------------------------------------------------------------------------

    /** In the chain's order. */
    public List<FunctionDetails> functions(String name) {
        return functions(chains.get(name), false);
    }

    private static List<FunctionDetails> functions(HostedChain chain, boolean reported) {
        Accounts accounts = chain.accounts(reported);
        return nodes(chain).stream()
                .map(node -> function(chain, node, accounts))
                .toList();
    }

    private static FunctionDetails function(HostedChain chain, Chain.Node node, Accounts accounts) {
        Optional<Hop> hop = Optional.ofNullable(accounts.hops().get(node.name()));
        ChainHealth health = chain.run().map(ChainRun::health).orElse(ChainHealth.NONE);
        FunctionState state = stateOf(chain, node.name(), health);
        Optional<ChainHealth.Part> part = partOf(node, health);
        return new FunctionDetails(
                chain.name(),
                node.name(),
                node.isPort() ? node.port() : node.type(),
                node.isPort(),
                placement(node),
                chain.isRunning() ? hop.map(Hop::process) : Optional.empty(),
                node.worker(),
                state,
                state == FunctionState.FAILED ? chain.error() : lastError(node, health),
                part.map(own -> OptionalInt.of((int) own.restarts())).orElse(OptionalInt.empty()),
                hop.map(FunctionAccount::of),
                Optional.ofNullable(accounts.reports().get(node.name())),
                node.persist().map(bound -> persisted(chain, node.name(), bound, health)));
    }

    /** What is kept of the states of a chain's functions, by function. */
    public Map<String, KeptState> keptStates(String name) {
        return chains.get(name).keptStates();
    }

    private static PersistedState persisted(HostedChain chain, String function, Duration bound, ChainHealth health) {
        Optional<KeptState> kept = Optional.ofNullable(chain.keptStates().get(function));
        return new PersistedState(
                bound.toNanos(),
                kept.map(KeptState::at),
                kept.map(state -> OptionalLong.of(state.age().toNanos())).orElse(OptionalLong.empty()),
                kept.map(state -> OptionalLong.of(state.entries())).orElse(OptionalLong.empty()),
                kept.map(state -> OptionalLong.of(state.bytes())).orElse(OptionalLong.empty()),
                health.functions().stream()
                        .filter(known -> known.name().equals(function))
                        .flatMap(known -> known.recovery().stream())
                        .map(Views::restored)
                        .findFirst());
    }

    private static PersistedState.RestoredState restored(ChainHealth.Recovery recovery) {
        return new PersistedState.RestoredState(
                recovery.at(),
                Optional.of(recovery.refusal()).filter(reason -> !reason.isEmpty()),
                recovery.age().toNanos(),
                recovery.taken(),
                recovery.dropped());
    }

    private static String placement(Chain.Node node) {
        return switch (node.placement()) {
            case SAME -> "same";
            case OWN -> "own";
            case VM -> "vm " + node.vm();
        };
    }

    /** The process of a function's own, or its virtual machine. */
    private static Optional<ChainHealth.Part> partOf(Chain.Node node, ChainHealth health) {
        Optional<PartId> id = switch (node.placement()) {
            case SAME -> Optional.empty();
            case OWN -> Optional.of(PartId.process(node.name()));
            case VM -> Optional.of(PartId.machine(node.vm()));
        };
        return id.flatMap(wanted ->
                health.parts().stream().filter(part -> part.id().equals(wanted)).findFirst());
    }

    private static Optional<String> lastError(Chain.Node node, ChainHealth health) {
        return health.functions().stream()
                .filter(function -> function.name().equals(node.name()))
                .map(ChainHealth.Function::lastError)
                .filter(error -> !error.isEmpty())
                .findFirst();
    }

    private static FunctionState stateOf(HostedChain chain, String function, ChainHealth health) {
        if (chain.isRunning()) {
            boolean quarantined = health.functions().stream()
                    .anyMatch(
                            one -> one.name().equals(function) && one.state() == ChainHealth.FunctionState.QUARANTINED);
            boolean restarting = nodes(chain).stream()
                    .filter(node -> node.name().equals(function))
                    .anyMatch(node -> partOf(node, health)
                            .filter(part -> part.state() == ChainHealth.PartState.WAITING
                                    || part.state() == ChainHealth.PartState.STARTING)
                            .isPresent());
            return quarantined
                    ? FunctionState.QUARANTINED
                    : restarting ? FunctionState.RESTARTING : FunctionState.RUNNING;
        }
        return chain.failedFunction().filter(function::equals).isPresent()
                ? FunctionState.FAILED
                : FunctionState.STOPPED;
    }

    /** One function, with what it reports. */
    public FunctionDetails function(String name, String function) {
        return functions(chains.get(name), true).stream()
                .filter(details -> details.name().equals(function))
                .findFirst()
                .orElseThrow(() -> noneInChain("function", name, function));
    }

    private static RefusedException noneInChain(String what, String chain, String name) {
        return new RefusedException(
                Reason.NOT_FOUND, "no " + what + " of chain '" + chain + "' is named '" + name + "'");
    }

    /** The configuration of a function, as the accepted descriptor has it. */
    public ObjectNode config(String name, String function) {
        HostedChain chain = chains.get(name);
        JsonNode element = chains.descriptorJson(chain).at(chains.elementOf(chain, function));
        if (!element.has("type")) {
            throw noneInChain("function", name, function);
        }
        return element.path("config") instanceof ObjectNode config ? config : JsonNodeFactory.instance.objectNode();
    }

    /** Functions of all chains that run. */
    public List<FunctionDetails> instances() {
        return chains.all().stream()
                .filter(HostedChain::isRunning)
                .flatMap(chain -> functions(chain, false).stream())
                .toList();
    }

    /** Ports of all chains. */
    public List<PortDetails> ports() {
        return chains.all().stream()
                .flatMap(chain -> {
                    Accounts accounts = chain.accounts(false);
                    return nodes(chain).stream()
                            .filter(Chain.Node::isPort)
                            .map(node -> new PortDetails(
                                    node.port(),
                                    chain.name(),
                                    node.name(),
                                    Optional.empty(),
                                    Optional.ofNullable(accounts.hops().get(node.name()))
                                            .map(FunctionAccount::of)));
                })
                .toList();
    }

    // --- Links ---------------------------------------------------------------------------------------------

    /** In the chain's order. */
    public List<LinkDetails> links(String name) {
        HostedChain chain = chains.get(name);
        return links(chain, chain.accounts(false), chain.latency());
    }

    private static List<LinkDetails> links(HostedChain chain, Accounts accounts, Latency latency) {
        Optional<Chain> model = chain.prepared().map(Prepared::chain);
        List<LinkDetails> links = new ArrayList<>();
        for (int i = 0; model.isPresent() && i < model.get().links().size(); i++) {
            Chain.Stage from = model.get().stages().get(i);
            Chain.Stage to = model.get().stages().get(i + 1);
            links.add(
                    link(chain, model.get().links().get(i), from, to, Crossing.of(model.get(), i), accounts, latency));
        }
        return links;
    }

    private static LinkDetails link(
            HostedChain chain,
            Chain.Link link,
            Chain.Stage fromStage,
            Chain.Stage toStage,
            Crossing crossing,
            Accounts accounts,
            Latency latency) {
        String from = fromStage.nodes().getFirst().name();
        String to = toStage.nodes().getFirst().name();
        Optional<ChainSnapshot.Link> state =
                chain.isRunning() ? Optional.ofNullable(accounts.hops().get(to)).map(Hop::link) : Optional.empty();
        return new LinkDetails(
                chain.name(),
                from + ".." + to,
                from,
                to,
                link.type().name().toLowerCase(Locale.ROOT),
                link.policy(),
                state.map(ChainSnapshot.Link::kind).orElse("-"),
                Optional.of(crossing.transfer().text()),
                Optional.of(crossing.reason()),
                state.map(ChainSnapshot.Link::slots).orElse(0),
                state.map(ChainSnapshot.Link::used).orElse(0),
                timing(latency, to, Kind.LINK),
                timing(latency, from, Kind.LINK_BACKWARD));
    }

    /** One link. */
    public LinkDetails link(String name, String link) {
        return links(name).stream()
                .filter(details -> details.name().equals(link))
                .findFirst()
                .orElseThrow(() -> noneInChain("link", name, link));
    }

    // --- Types ---------------------------------------------------------------------------------------------

    /** By name, without schemas. */
    public List<FunctionTypeDetails> functionTypes() {
        return functions.functions().values().stream()
                .map(function -> type(function, Optional.empty()))
                .toList();
    }

    /** One type, with its schema. */
    public FunctionTypeDetails functionType(String name) {
        FunctionDescription function = functions
                .find(name)
                .orElseThrow(
                        () -> new RefusedException(Reason.NOT_FOUND, "no type of function is named '" + name + "'"));
        return type(
                function, Optional.of(schemas.computeIfAbsent(name, absent -> new ChainSchema().ofConfig(function))));
    }

    private static FunctionTypeDetails type(FunctionDescription function, Optional<ObjectNode> schema) {
        return new FunctionTypeDetails(
                function.name(), function.summary(), function.kind(), function.readOnly(), function.stateful(), schema);
    }

    /** How many functions and ports are at work. */
    int atWork() {
        return chains.all().stream()
                .filter(HostedChain::isRunning)
                .mapToInt(chain -> nodes(chain).size())
                .sum();
    }

    /** How many chains should run and do not. */
    int notRunning() {
        return (int) chains.all().stream().filter(Views::isMissing).count();
    }

    private static boolean isMissing(HostedChain chain) {
        return chain.stored().isToRun() && !chain.isRunning() && chain.state() != ChainState.ENDED;
    }
}
