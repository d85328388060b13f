// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.EventFilter;
import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.Versioned;
import io.ptnetmap.nfv.node.model.Balance;
import io.ptnetmap.nfv.node.model.ChainDetails;
import io.ptnetmap.nfv.node.model.ChainState;
import io.ptnetmap.nfv.node.model.Event;
import io.ptnetmap.nfv.node.model.FunctionAccount;
import io.ptnetmap.nfv.node.model.FunctionDetails;
import io.ptnetmap.nfv.node.model.LinkDetails;
import io.ptnetmap.nfv.node.model.PersistedState;
import io.ptnetmap.nfv.telemetry.Conservation;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        description = {
            "Tells all about one thing that a node has: for a chain its functions, links, drops, latency, accounts and last events; for"
                    + " a function its account, configuration and report.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv describe chain edge",
            "  nfv describe function edge/firewall",
            "  nfv describe link generator..sink"
        })
final class DescribeCommand implements Callable<Integer> {
    private static final int LAST_EVENTS = 10;
    private static final String INDENT = "  ";

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "KIND", description = "chain, function, link, port, node, operation or type.")
    private String kind;

    @Parameters(index = "1", paramLabel = "NAME", description = "Its name; CHAIN/NAME if several chains have one.")
    private String name;

    @Option(
            names = {"-c", "--chain"},
            paramLabel = "CHAIN",
            description = "The chain that it belongs to.")
    private Optional<String> chain;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        Resource<?> resource = ResourceQuery.kind(spec, kind);
        PrintWriter out = spec.commandLine().getOut();
        try (NodeSession session = node.connect()) {
            if (resource == Resource.CHAINS) {
                describeChain(session, out);
            } else if (resource == Resource.FUNCTIONS) {
                FunctionDetails found = ResourceQuery.one(session, Resource.FUNCTIONS, chain, name);
                describeFunction(session, found.chain(), found.name(), out);
            } else {
                describe(session, resource, out);
            }
        }
        out.flush();
        return ExitCodes.OK;
    }

    private <T> void describe(NodeSession session, Resource<T> resource, PrintWriter out) throws InterruptedException {
        T found = ResourceQuery.one(session, resource, chain, name);
        out.print(Documents.yaml(
                session.get(client -> resource.details().apply(client, found).map(details -> (Object) details))));
    }

    private void describeChain(NodeSession session, PrintWriter out) throws InterruptedException {
        String found = ResourceQuery.one(session, Resource.CHAINS, chain, name).name();
        Versioned<ChainDetails> versioned = session.get(client -> client.chain(found));
        ChainDetails details = versioned.value();
        fact(out, "Chain", details.name());
        fact(out, "State", Documents.word(details.state()) + ", desired: " + Documents.word(details.desired()));
        details.error().ifPresent(error -> fact(out, "Error", error));
        fact(out, "Revision", details.revision() + ", version " + versioned.version());
        fact(out, "Created", details.created() + " (" + Resource.age(details.created()) + " ago)");
        fact(out, "Changed", details.changed() + " (" + Resource.age(details.changed()) + " ago)");
        details.started().ifPresent(at -> fact(out, "Started", at + " (" + Resource.age(at) + " ago)"));
        details.operation().ifPresent(operation -> fact(out, "Operation", operation));
        List<FunctionDetails> functions = session.get(client -> client.functions(found));
        functionTable(out, functions);
        drops(out, functions);
        linkTable(out, session.get(client -> client.links(found)));
        List<String> latency = LatencyTable.lines(session.get(client -> client.statistics(found)));
        if (!latency.isEmpty()) {
            print(out, "Latency", latency);
        }
        details.conservation()
                .map(DescribeCommand::conservation)
                .ifPresent(sum -> out.println("Conservation: "
                        + (details.state() == ChainState.RUNNING && !sum.holds()
                                ? Summary.proofAtWork(sum)
                                : Summary.proof(sum))));
        events(session, found, out);
    }

    private static void functionTable(PrintWriter out, List<FunctionDetails> functions) {
        TextTable table = new TextTable(
                "lllrrrrr", "function", "state", "where", "received", "created", "sent", "dropped", "consumed");
        for (FunctionDetails function : functions) {
            FunctionAccount account = function.account().orElse(FunctionAccount.NONE);
            table.row(
                    function.name(),
                    Documents.word(function.state()),
                    Resource.where(function),
                    Figures.count(account.received()),
                    Figures.count(account.created()),
                    Figures.count(account.sent()),
                    Figures.count(account.dropped()),
                    Figures.count(account.consumed()));
        }
        print(out, "Functions", table.lines());
    }

    private static void drops(PrintWriter out, List<FunctionDetails> functions) {
        TextTable table = new TextTable("llr", "function", "cause", "dropped");
        functions.forEach(function -> function.account()
                .orElse(FunctionAccount.NONE)
                .drops()
                .forEach((cause, count) -> {
                    if (count > 0) {
                        table.row(function.name(), cause, Figures.count(count));
                    }
                }));
        if (table.lines().size() > 1) {
            print(out, "Drops", table.lines());
        }
    }

    private static void linkTable(PrintWriter out, List<LinkDetails> links) {
        TextTable table = new TextTable("lllll", "link", "kind", "copies", "used", "why");
        for (LinkDetails link : links) {
            table.row(
                    link.name(),
                    link.kind(),
                    link.copies().orElse("-"),
                    Figures.occupancy(link.used(), link.slots()),
                    link.reason().orElse(""));
        }
        print(out, "Links", table.lines());
    }

    private static Conservation conservation(Balance balance) {
        return new Conservation(
                balance.received(),
                balance.created(),
                balance.sent(),
                balance.dropped(),
                balance.consumed(),
                balance.held());
    }

    private static void events(NodeSession session, String chain, PrintWriter out) throws InterruptedException {
        Deque<Event> last = new ArrayDeque<>();
        session.follow(
                (NodeClient client) -> client.events(EventFilter.of(chain).soFar()), event -> {
                    last.add(event);
                    if (last.size() > LAST_EVENTS) {
                        last.remove();
                    }
                    return true;
                });
        if (!last.isEmpty()) {
            print(out, "Events", last.stream().map(EventText::line).toList());
        }
    }

    private static void describeFunction(NodeSession session, String chain, String function, PrintWriter out)
            throws InterruptedException {
        FunctionDetails details = session.get(client -> client.function(chain, function));
        fact(out, "Function", details.name());
        fact(out, "Chain", details.chain());
        fact(out, details.port() ? "Port" : "Type", details.type());
        fact(out, "State", Documents.word(details.state()));
        details.error().ifPresent(error -> fact(out, "Error", error));
        fact(out, "Placement", details.placement());
        fact(out, "Where", Resource.where(details));
        details.restarts().ifPresent(restarts -> fact(out, "Restarts", Integer.toString(restarts)));
        details.persisted().ifPresent(persisted -> state(out, persisted));
        functionTable(out, List.of(details));
        drops(out, List.of(details));
        if (!details.port()) {
            Versioned<Map<String, Object>> config = session.get(client -> client.config(chain, function));
            fact(out, "Version", config.version());
            if (!config.value().isEmpty()) {
                print(
                        out,
                        "Configuration",
                        Documents.yaml(config.value()).lines().toList());
            }
        }
        details.report()
                .filter(report -> !report.isEmpty())
                .ifPresent(report -> print(out, "Report", ReportText.lines(report)));
    }

    private static void state(PrintWriter out, PersistedState persisted) {
        String bound = "at most " + Figures.time(persisted.boundNanos()) + " old after a crash";
        fact(
                out,
                "Kept",
                persisted.ageNanos().isPresent()
                        ? Figures.entries(persisted.entries().orElse(0)) + ", "
                                + Figures.count(persisted.bytes().orElse(0), "byte") + ", taken down "
                                + Figures.time(persisted.ageNanos().getAsLong()) + " ago; " + bound
                        : "nothing yet; " + bound);
        persisted
                .restored()
                .ifPresent(restored -> fact(
                        out,
                        "Went on",
                        restored.time() + " "
                                + restored.refusal()
                                        .map(reason -> "with nothing: " + reason)
                                        .orElse("from " + Figures.time(restored.ageNanos()) + " before: "
                                                + restored.taken()
                                                + (restored.dropped().isEmpty()
                                                        ? ""
                                                        : ", without " + restored.dropped()))));
    }

    private static void fact(PrintWriter out, String name, String value) {
        out.printf("%-11s%s%n", name + ":", value);
    }

    private static void print(PrintWriter out, String title, List<String> lines) {
        out.println(title);
        lines.forEach(line -> out.println(INDENT + line));
    }
}
