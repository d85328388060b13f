// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapPort;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.Crossing;
import io.ptnetmap.nfv.options.FunctionPathOption;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code nfv links}: where a chain copies packets, and why. */
@Command(
        name = "links",
        mixinStandardHelpOptions = true,
        description = {
            "Tells of each link of a chain what carries its packets, whether it copies them, and why.",
            "",
            "call, thread: within a process; pipe: between processes and virtual machines; vale: a switch between regions;"
                    + " port: what is outside the chain. 'driver' means that the driver of a network interface decides.",
            ""
        },
        footerHeading = "%n",
        footer = "Exit codes: 0 told, 2 wrong usage, 3 wrong chain file, 4 a port cannot be opened.")
final class LinksCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAIN.yaml", description = "The chain; docs/chain.md describes the format.")
    private Path file;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--open",
            description =
                    "Open the chain's network interfaces for a moment, to ask their drivers. What arrives meanwhile is"
                            + " lost.")
    private boolean open;

    @Mixin
    private FunctionPathOption functionPath;

    @Override
    public Integer call() {
        ChainDescriptor descriptor = ChainDescriptor.read(file);
        List<Path> paths = functionPath.behindThoseOf(descriptor);
        PrintWriter out = spec.commandLine().getOut();
        try (FunctionRegistry functions = FunctionRegistry.open(paths)) {
            Chain chain = descriptor.resolve(functions, paths);
            List<Crossing> crossings = Crossing.of(chain).stream()
                    .map(crossing -> open ? asked(chain, crossing) : crossing)
                    .toList();
            switch (output.form()) {
                case JSON -> out.println(Documents.json(document(chain, crossings)));
                case YAML -> out.print(Documents.yaml(document(chain, crossings)));
                case NAME -> crossings.forEach(crossing -> out.println("link/" + chain.name() + "/" + name(crossing)));
                case TABLE, WIDE -> print(chain, crossings, out);
            }
            out.flush();
        }
        return ExitCodes.OK;
    }

    /** The same crossing, or what the driver says where that decides. */
    private static Crossing asked(Chain chain, Crossing crossing) {
        if (crossing.transfer() != Crossing.Transfer.DRIVER) {
            return crossing;
        }
        String specification = chain.nodes().stream()
                .filter(Node::isPort)
                .filter(node -> List.of(crossing.from(), crossing.to()).contains(node.name()))
                .findFirst()
                .orElseThrow()
                .port();
        try (NetmapPort port = Netmap.open(specification)) {
            return port.path()
                    .map(path -> crossing.found(path.copied(), path.description()))
                    .orElse(crossing);
        }
    }

    private static void print(Chain chain, List<Crossing> crossings, PrintWriter out) {
        out.println(chain.name() + ": links");
        TextTable table = new TextTable("lllll", "from", "to", "link", "packets", "because");
        for (Crossing crossing : crossings) {
            table.row(
                    crossing.from(),
                    crossing.to(),
                    Documents.word(crossing.kind()),
                    crossing.transfer().text(),
                    crossing.reason());
        }
        table.lines().forEach(line -> out.println("  " + line));
    }

    private static String name(Crossing crossing) {
        return crossing.from() + ".." + crossing.to();
    }

    private static Map<String, Object> document(Chain chain, List<Crossing> crossings) {
        List<Map<String, Object>> links = new ArrayList<>();
        for (Crossing crossing : crossings) {
            Map<String, Object> link = new LinkedHashMap<>();
            link.put("from", crossing.from());
            link.put("to", crossing.to());
            link.put("link", Documents.word(crossing.kind()));
            link.put("packets", crossing.transfer().text());
            link.put("because", crossing.reason());
            links.add(link);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("chain", chain.name());
        json.put("links", links);
        return json;
    }
}
