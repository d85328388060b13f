// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.Versioned;
import io.ptnetmap.nfv.node.model.ChainState;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.ptnetmap.nfv.node.model.FunctionAccount;
import io.ptnetmap.nfv.node.model.FunctionDetails;
import io.ptnetmap.nfv.node.model.FunctionTypeDetails;
import io.ptnetmap.nfv.node.model.LinkDetails;
import io.ptnetmap.nfv.node.model.NodeDetails;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.PortDetails;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A kind of things that a node has.
 *
 * @param kind its word in the singular
 * @param list all of them, of one chain if that is given and they belong to chains
 * @param name of one of them
 * @param owner the chain that it belongs to
 * @param details all that there is to say of one
 * @param columns of a table
 * @param <T> what one of them is
 */
record Resource<T>(
        String kind,
        BiFunction<NodeClient, Optional<String>, Future<List<T>>> list,
        Function<T, String> name,
        Function<T, Optional<String>> owner,
        BiFunction<NodeClient, T, Future<?>> details,
        List<Column<T>> columns) {

    private static final long SECONDS_PER_MINUTE = 60;
    private static final long SECONDS_PER_HOUR = 3600;
    private static final long SECONDS_PER_DAY = 86_400;

    /**
     * A column.
     *
     * @param title in capitals
     * @param right whether it is numbers
     * @param wide whether it is shown only where asked for
     * @param cell of a row
     */
    record Column<T>(String title, boolean right, boolean wide, Function<T, String> cell) {}

    private static <T> Column<T> left(String title, Function<T, String> cell) {
        return new Column<>(title, false, false, cell);
    }

    private static <T> Column<T> right(String title, Function<T, String> cell) {
        return new Column<>(title, true, false, cell);
    }

    private static <T> Column<T> onlyWide(String title, Function<T, String> cell) {
        return new Column<>(title, false, true, cell);
    }

    /** What lists tell of chains. */
    static final Resource<ChainSummary> CHAINS = new Resource<>(
            "chain",
            (client, _) -> client.chains(),
            ChainSummary::name,
            _ -> Optional.empty(),
            (client, chain) -> client.chain(chain.name()).map(Versioned::value),
            List.of(
                    left("NAME", ChainSummary::name),
                    left("STATE", chain -> Documents.word(chain.state())),
                    right("REVISION", chain -> Long.toString(chain.revision())),
                    right(
                            "FUNCTIONS",
                            chain -> Integer.toString(chain.functions().size())),
                    right("UP", Resource::up),
                    onlyWide("DESIRED", chain -> Documents.word(chain.desired())),
                    onlyWide("PATH", chain -> String.join(" > ", chain.functions())),
                    onlyWide("ERROR", chain -> chain.error().orElse(""))));

    /** Functions and ports. */
    static final Resource<FunctionDetails> FUNCTIONS = new Resource<>(
            "function",
            ofChains(NodeClient::functions),
            FunctionDetails::name,
            function -> Optional.of(function.chain()),
            (client, function) -> client.function(function.chain(), function.name()),
            List.of(
                    left("CHAIN", FunctionDetails::chain),
                    left("NAME", FunctionDetails::name),
                    left("TYPE", FunctionDetails::type),
                    left("STATE", function -> Documents.word(function.state())),
                    left("WHERE", Resource::where),
                    right("PACKETS", function -> packets(function.account())),
                    right("DROPPED", function -> count(function.account(), FunctionAccount::dropped)),
                    onlyWide("SENT", function -> count(function.account(), FunctionAccount::sent)),
                    onlyWide(
                            "RESTARTS",
                            function -> Integer.toString(function.restarts().orElse(0))),
                    onlyWide("ERROR", function -> function.error().orElse(""))));

    /** Links between functions. */
    static final Resource<LinkDetails> LINKS = new Resource<>(
            "link",
            ofChains(NodeClient::links),
            LinkDetails::name,
            link -> Optional.of(link.chain()),
            (client, link) -> client.link(link.chain(), link.name()),
            List.of(
                    left("CHAIN", LinkDetails::chain),
                    left("NAME", LinkDetails::name),
                    left("KIND", LinkDetails::kind),
                    left("COPIES", link -> link.copies().orElse("-")),
                    left("USED", link -> Figures.occupancy(link.used(), link.slots())),
                    onlyWide("ASKED-FOR", LinkDetails::type),
                    onlyWide("WHEN-FULL", link -> Documents.word(link.policy())),
                    onlyWide("REASON", link -> link.reason().orElse(""))));

    /** netmap ports at the ends of chains. */
    static final Resource<PortDetails> PORTS = new Resource<>(
            "port",
            (client, chain) -> client.ports()
                    .map(ports -> ports.stream()
                            .filter(port -> chain.isEmpty() || chain.get().equals(port.chain()))
                            .toList()),
            PortDetails::name,
            port -> Optional.of(port.chain()),
            (_, port) -> Future.succeededFuture(port),
            List.of(
                    left("NAME", PortDetails::name),
                    left("CHAIN", PortDetails::chain),
                    left("FUNCTION", PortDetails::function),
                    right("PACKETS", port -> packets(port.account())),
                    right("DROPPED", port -> count(port.account(), FunctionAccount::dropped)),
                    onlyWide("DESCRIPTION", port -> port.description().orElse(""))));

    /** The node and its virtual machines. */
    static final Resource<NodeDetails> NODES = new Resource<>(
            "node",
            (client, _) -> client.nodes(),
            NodeDetails::name,
            _ -> Optional.empty(),
            (_, node) -> Future.succeededFuture(node),
            List.of(
                    left("NAME", NodeDetails::name),
                    left("KIND", node -> Documents.word(node.kind())),
                    left("DRIVER", NodeDetails::driver),
                    right(
                            "CHAINS",
                            node -> node.chains().isPresent()
                                    ? "" + node.chains().getAsInt()
                                    : "-"),
                    right(
                            "FUNCTIONS",
                            node -> node.functions().isPresent()
                                    ? "" + node.functions().getAsInt()
                                    : "-"),
                    right("UP", node -> age(node.started())),
                    onlyWide("VERSION", NodeDetails::version),
                    onlyWide("OF-CHAIN", node -> node.chain().orElse(""))));

    /** What takes long. */
    static final Resource<Operation> OPERATIONS = new Resource<>(
            "operation",
            (client, chain) -> chain.map(client::operations).orElseGet(client::operations),
            Operation::id,
            _ -> Optional.empty(),
            (client, operation) -> client.operation(operation.id()),
            List.of(
                    left("ID", Operation::id),
                    left("ACTION", operation -> Documents.word(operation.action())),
                    left("CHAIN", Operation::chain),
                    left("STATE", operation -> Documents.word(operation.state())),
                    right("AGE", operation -> age(operation.created())),
                    right("TOOK", Resource::took),
                    left(
                            "PROBLEM",
                            operation -> operation
                                    .problem()
                                    .map(problem -> problem.detail().orElse(problem.title()))
                                    .orElse(""))));

    /** Types of functions. */
    static final Resource<FunctionTypeDetails> TYPES = new Resource<>(
            "type",
            (client, _) -> client.functionTypes(),
            FunctionTypeDetails::name,
            _ -> Optional.empty(),
            (client, type) -> client.functionType(type.name()),
            List.of(
                    left("NAME", FunctionTypeDetails::name),
                    left("PLACE", type -> Documents.word(type.kind()) + (type.readOnly() ? ", read-only" : "")),
                    left("WHAT IT DOES", FunctionTypeDetails::summary)));

    private static final List<Resource<?>> ALL = List.of(CHAINS, FUNCTIONS, LINKS, PORTS, NODES, OPERATIONS, TYPES);

    /** The words that name kinds, in the plural. */
    static List<String> words() {
        return ALL.stream().map(resource -> resource.kind + "s").toList();
    }

    /** The kind that a word names, in the singular or the plural. */
    static Optional<Resource<?>> of(String word) {
        return ALL.stream()
                .filter(resource -> word.equals(resource.kind) || word.equals(resource.kind + "s"))
                .findFirst();
    }

    /** What belongs to chains, of one of them or of all. */
    private static <T> BiFunction<NodeClient, Optional<String>, Future<List<T>>> ofChains(
            BiFunction<NodeClient, String, Future<List<T>>> ofOne) {
        return (client, chain) -> chain.map(name -> ofOne.apply(client, name))
                .orElseGet(() -> client.chains().compose(chains -> {
                    List<Future<List<T>>> parts = chains.stream()
                            .map(one -> ofOne.apply(client, one.name()))
                            .toList();
                    return Future.all(parts).map(_ -> {
                        List<T> all = new ArrayList<>();
                        parts.forEach(part -> all.addAll(part.result()));
                        return all;
                    });
                }));
    }

    private static String up(ChainSummary chain) {
        return chain.started()
                .filter(_ -> chain.state() == ChainState.RUNNING || chain.state() == ChainState.CHANGING)
                .map(Resource::age)
                .orElse("-");
    }

    /** {@code pid 123/0}: process and worker. */
    static String where(FunctionDetails function) {
        return function.process().orElse(function.placement()) + "/" + function.worker();
    }

    private static String packets(Optional<FunctionAccount> account) {
        return count(account, counted -> counted.received() + counted.created());
    }

    private static String count(Optional<FunctionAccount> account, Function<FunctionAccount, Long> which) {
        return account.map(counted -> Figures.count(which.apply(counted))).orElse("-");
    }

    private static String took(Operation operation) {
        return operation
                .ended()
                .flatMap(end -> operation.started().map(start -> Duration.between(start, end)))
                .map(time -> Figures.time(time.toNanos()))
                .orElse("-");
    }

    /** {@code 12s}, {@code 5m}, {@code 3h}, {@code 2d}: how long ago. */
    static String age(Instant since) {
        long seconds = Math.max(0, Duration.between(since, Instant.now()).toSeconds());
        if (seconds < 2 * SECONDS_PER_MINUTE) {
            return seconds + "s";
        } else if (seconds < 2 * SECONDS_PER_HOUR) {
            return seconds / SECONDS_PER_MINUTE + "m";
        }
        return seconds < 2 * SECONDS_PER_DAY ? seconds / SECONDS_PER_HOUR + "h" : seconds / SECONDS_PER_DAY + "d";
    }
}
