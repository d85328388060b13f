// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.NodeException;
import io.ptnetmap.nfv.node.model.FunctionDetails;
import io.ptnetmap.nfv.node.model.FunctionTypeDetails;
import io.ptnetmap.nfv.node.model.LinkDetails;
import io.ptnetmap.nfv.node.model.NodeDetails;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.nfv.node.model.PortDetails;
import io.ptnetmap.nfv.node.model.Statistics;
import java.util.List;
import java.util.OptionalInt;

/** All that a node tells of one thing, for people. */
final class ResourceText {
    private ResourceText() {}

    /** Of a link. */
    static void link(NodeSession session, LinkDetails link, Sections out) throws InterruptedException {
        out.fact("Link", link.name());
        out.fact("Chain", link.chain());
        out.fact("From", link.from());
        out.fact("To", link.to());
        out.fact("Asked for", link.type());
        out.fact(
                "Kind", link.kind() + link.copies().map(copies -> ", " + copies).orElse(""));
        out.fact("Why", link.reason());
        out.fact("When full", Documents.word(link.policy()));
        if (link.slots() != 0) {
            out.fact("Used", Figures.occupancy(link.used(), link.slots()));
        }
        TextTable table = new TextTable("lrr", "to", "packets", "bytes");
        session.get(client -> client.statistics(link.chain())).links().stream()
                .filter(count -> count.name().equals(link.name()))
                .forEach(count -> {
                    flow(table, link.to(), count.forward());
                    flow(table, link.from(), count.backward());
                });
        out.section("Packets", table.lines());
        out.section("Latency", LatencyTable.ofLink(link));
    }

    private static void flow(TextTable table, String to, Statistics.Flow flow) {
        table.row(to, Figures.count(flow.packets()), Figures.count(flow.bytes()));
    }

    /** Of a port. */
    static void port(NodeSession session, PortDetails port, Sections out) throws InterruptedException {
        out.fact("Port", port.name());
        out.fact("Chain", port.chain());
        out.fact("Function", port.function());
        out.fact("Served by", port.description());
        FunctionDetails function = session.get(client -> client.function(port.chain(), port.function()));
        DescribeCommand.functionTable(out, List.of(function));
        DescribeCommand.drops(out, List.of(function));
    }

    /** Of a node. */
    static void node(NodeDetails node, Sections out) {
        out.fact("Node", node.name());
        out.fact("Kind", node.kind() == NodeDetails.Kind.VM ? "virtual machine" : Documents.word(node.kind()));
        out.fact("Chain", node.chain());
        out.fact("Version", node.version());
        out.fact("Driver", node.driver());
        fact(out, "CPUs", node.processors());
        fact(out, "Chains", node.chains());
        fact(out, "Functions", node.functions());
        out.fact("Started", node.started());
    }

    private static void fact(Sections out, String name, OptionalInt count) {
        count.ifPresent(present -> out.fact(name, Figures.count(present)));
    }

    /** Of an operation. */
    static void operation(Operation operation, Sections out) {
        out.fact("Operation", operation.id());
        out.fact("Action", Documents.word(operation.action()));
        out.fact("Chain", operation.chain());
        out.fact("State", Documents.word(operation.state()));
        out.fact("Created", operation.created());
        operation.started().ifPresent(at -> out.fact("Started", at));
        operation.ended().ifPresent(at -> out.fact("Ended", at));
        out.fact("Problem", operation.problem().map(problem -> new NodeException(problem).getMessage()));
        if (operation.problem().isEmpty()) {
            out.section("Change", ChangeText.of(operation));
        }
    }

    /** Of a type of functions. */
    static void type(FunctionTypeDetails type, Sections out) {
        out.fact("Type", type.name());
        out.fact("Does", type.summary());
        out.fact("Place", Documents.word(type.kind()) + (type.readOnly() ? ", read-only" : ""));
        out.fact("State", type.stateful() ? "goes along when a chain is changed" : "none");
        type.schema()
                .ifPresent(schema ->
                        FunctionsCommand.configuration(type.name(), schema).forEach(out::line));
    }
}
