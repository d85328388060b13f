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
            "Tells all about one thing that a node has, for people: for a chain its functions, links, drops, latency, accounts and"
                    + " last events; for a function its account, configuration and report; for a link what it is and why, its"
                    + " packets and how long they wait. Programs take 'nfv get KIND NAME -o json'.",
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

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "KIND", description = "chain, function, link, port, node, operation or type.")
    private String kind;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "NAME",
            description = "Its name; CHAIN/NAME if several chains have one. Default: the only one that there is.")
    private Optional<String> name;

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
        PrintWriter writer = spec.commandLine().getOut();
        Sections out = new Sections(writer);
        try (NodeSession session = node.connect()) {
            if (resource == Resource.CHAINS) {
                describeChain(session, out);
            } else if (resource == Resource.FUNCTIONS) {
                FunctionDetails found = ResourceQuery.one(session, Resource.FUNCTIONS, chain, name);
                describeFunction(session, found.chain(), found.name(), out);
            } else if (resource == Resource.LINKS) {
                ResourceText.link(session, ResourceQuery.one(session, Resource.LINKS, chain, name), out);
            } else if (resource == Resource.PORTS) {
                ResourceText.port(session, ResourceQuery.one(session, Resource.PORTS, chain, name), out);
            } else if (resource == Resource.NODES) {
                ResourceText.node(ResourceQuery.one(session, Resource.NODES, chain, name), out);
            } else if (resource == Resource.OPERATIONS) {
                ResourceText.operation(ResourceQuery.one(session, Resource.OPERATIONS, chain, name), out);
            } else {
                String type =
                        ResourceQuery.one(session, Resource.TYPES, chain, name).name();
                ResourceText.type(session.get(client -> client.functionType(type)), out);
            }
        }
        writer.flush();
        return ExitCodes.OK;
    }

    private void describeChain(NodeSession session, Sections out) throws InterruptedException {
        String found = ResourceQuery.one(session, Resource.CHAINS, chain, name).name();
        Versioned<ChainDetails> versioned = session.get(client -> client.chain(found));
        ChainDetails details = versioned.value();
        out.fact("Chain", details.name());
        out.fact("State", Documents.word(details.state()) + ", desired: " + Documents.word(details.desired()));
        out.fact("Error", details.error());
        out.fact("Revision", details.revision() + ", version " + versioned.version());
        out.fact("Created", details.created());
        out.fact("Changed", details.changed());
        details.started().ifPresent(at -> out.fact("Started", at));
        out.fact("Operation", details.operation());
        List<FunctionDetails> functions = session.get(client -> client.functions(found));
        functionTable(out, functions);
        drops(out, functions);
        linkTable(out, session.get(client -> client.links(found)));
        out.section("Latency", LatencyTable.lines(session.get(client -> client.statistics(found))));
        details.conservation()
                .map(DescribeCommand::conservation)
                .ifPresent(sum -> out.line("Conservation: "
                        + (details.state() == ChainState.RUNNING && !sum.holds()
                                ? Summary.proofAtWork(sum)
                                : Summary.proof(sum))));
        events(session, found, out);
    }

    /** What functions are, and their accounts. */
    static void functionTable(Sections out, List<FunctionDetails> functions) {
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
        out.section("Functions", table.lines());
    }

    /** What they have dropped, by cause. */
    static void drops(Sections out, List<FunctionDetails> functions) {
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
            out.section("Drops", table.lines());
        }
    }

    private static void linkTable(Sections out, List<LinkDetails> links) {
        TextTable table = new TextTable("lllll", "link", "kind", "copies", "used", "why");
        for (LinkDetails link : links) {
            table.row(
                    link.name(),
                    link.kind(),
                    link.copies().orElse("-"),
                    Figures.occupancy(link.used(), link.slots()),
                    link.reason().orElse(""));
        }
        out.section("Links", table.lines());
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

    private static void events(NodeSession session, String chain, Sections out) throws InterruptedException {
        Deque<Event> last = new ArrayDeque<>();
        session.follow(
                (NodeClient client) -> client.events(EventFilter.of(chain).soFar()), event -> {
                    last.add(event);
                    if (last.size() > LAST_EVENTS) {
                        last.remove();
                    }
                    return true;
                });
        out.section("Events", last.stream().map(EventText::line).toList());
    }

    private static void describeFunction(NodeSession session, String chain, String function, Sections out)
            throws InterruptedException {
        FunctionDetails details = session.get(client -> client.function(chain, function));
        out.fact("Function", details.name());
        out.fact("Chain", details.chain());
        out.fact(details.port() ? "Port" : "Type", details.type());
        out.fact("State", Documents.word(details.state()));
        out.fact("Error", details.error());
        out.fact("Placement", details.placement());
        out.fact("Where", Resource.where(details));
        details.restarts().ifPresent(restarts -> out.fact("Restarts", Integer.toString(restarts)));
        details.persisted().ifPresent(persisted -> state(out, persisted));
        functionTable(out, List.of(details));
        drops(out, List.of(details));
        if (!details.port()) {
            Versioned<Map<String, Object>> config = session.get(client -> client.config(chain, function));
            out.fact("Version", config.version());
            if (!config.value().isEmpty()) {
                out.section(
                        "Configuration", Documents.yaml(config.value()).lines().toList());
            }
        }
        details.report()
                .filter(report -> !report.isEmpty())
                .ifPresent(report -> out.section("Report", ReportText.lines(report)));
    }

    private static void state(Sections out, PersistedState persisted) {
        String bound = "at most " + Figures.time(persisted.boundNanos()) + " old after a crash";
        out.fact(
                "Kept",
                persisted.ageNanos().isPresent()
                        ? Figures.entries(persisted.entries().orElse(0)) + ", "
                                + Figures.count(persisted.bytes().orElse(0), "byte") + ", taken down "
                                + Figures.time(persisted.ageNanos().getAsLong()) + " ago; " + bound
                        : "nothing yet; " + bound);
        persisted
                .restored()
                .ifPresent(restored -> out.fact(
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
}
