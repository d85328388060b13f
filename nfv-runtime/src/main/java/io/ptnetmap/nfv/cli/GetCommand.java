// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.cli.OutputOption.Form;
import io.ptnetmap.nfv.cli.Resource.Column;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = {
            "Lists what a node has.",
            "",
            "Kinds: chains, functions, links, ports, nodes, operations, types. One thing in JSON or YAML comes with all that"
                    + " there is to say of it; a chain in YAML is its descriptor, as it was applied.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv get chains",
            "  nfv get functions --chain edge -o wide",
            "  nfv get function edge/firewall -o json",
            "  nfv get chain edge -o yaml > edge.yaml"
        })
final class GetCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "KIND", description = "What to list, in the singular or the plural.")
    private String kind;

    @Parameters(index = "1..*", paramLabel = "NAME", description = "Only these; NAME, or CHAIN/NAME.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = {"-c", "--chain"},
            paramLabel = "CHAIN",
            description = "Only what belongs to this chain.")
    private Optional<String> chain;

    @Mixin
    private OutputOption output;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        Resource<?> resource = ResourceQuery.kind(spec, kind);
        try (NodeSession session = node.connect()) {
            show(session, resource);
        }
        return ExitCodes.OK;
    }

    private <T> void show(NodeSession session, Resource<T> resource) throws InterruptedException {
        List<T> found = ResourceQuery.find(session, resource, chain, names);
        PrintWriter out = spec.commandLine().getOut();
        Form form = output.form();
        switch (form) {
            case TABLE, WIDE -> table(resource, found, form == Form.WIDE).forEach(out::println);
            case NAME ->
                found.forEach(thing -> out.println(resource.kind() + "/" + ResourceQuery.qualified(resource, thing)));
            case JSON -> out.println(Documents.json(document(session, resource, found)));
            case YAML -> out.print(yaml(session, resource, found));
        }
        out.flush();
    }

    private static <T> List<String> table(Resource<T> resource, List<T> found, boolean wide) {
        List<Column<T>> columns = resource.columns().stream()
                .filter(column -> wide || !column.wide())
                .toList();
        TextTable table = new TextTable(
                columns.stream().map(column -> column.right() ? "r" : "l").collect(Collectors.joining()),
                columns.stream().map(Column::title).toArray(String[]::new));
        for (T thing : found) {
            table.row(columns.stream().map(column -> column.cell().apply(thing)).toArray(String[]::new));
        }
        return table.lines();
    }

    private <T> Object document(NodeSession session, Resource<T> resource, List<T> found) throws InterruptedException {
        return names.size() == 1 && found.size() == 1
                ? session.get(client ->
                        resource.details().apply(client, found.getFirst()).map(details -> (Object) details))
                : found;
    }

    private <T> String yaml(NodeSession session, Resource<T> resource, List<T> found) throws InterruptedException {
        return resource == Resource.CHAINS && names.size() == 1
                ? session.get(client -> client.descriptor(names.getFirst()))
                : Documents.yaml(document(session, resource, found));
    }
}
