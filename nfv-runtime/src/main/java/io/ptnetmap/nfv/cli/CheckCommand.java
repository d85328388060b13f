// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Link;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Stage;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.options.FunctionPathOption;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Checks a chain without running it.",
            "",
            "Prints the chain as understood, or everything that is wrong with it as FILE:LINE:COLUMN: FIELD: what to do.",
            ""
        },
        footerHeading = "%n",
        footer = "Exit codes: 0 the chain can be run, 2 wrong usage, 3 wrong chain file.")
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAIN.yaml", description = "The chain; docs/chain.md describes the format.")
    private Path file;

    @Mixin
    private FunctionPathOption functionPath;

    @Override
    public Integer call() {
        ChainDescriptor descriptor = ChainDescriptor.read(file);
        List<Path> paths = functionPath.behindThoseOf(descriptor);
        try (FunctionRegistry functions = FunctionRegistry.open(paths)) {
            Chain chain = descriptor.resolve(functions, paths);
            for (Node node : chain.nodes()) {
                make(node, functions, descriptor);
            }
            print(chain, spec.commandLine().getOut());
        }
        return ExitCodes.OK;
    }

    /** Functions check in their constructors what Bean Validation cannot express. */
    private static void make(Node node, FunctionRegistry functions, ChainDescriptor descriptor) {
        try {
            if (!node.isPort()) {
                functions.create(node.type(), node.config());
            }
        } catch (ConfigurationException e) {
            throw descriptor.explain(new NodeConfigurationException(node.name(), e));
        }
    }

    private static void print(Chain chain, PrintWriter out) {
        out.println(chain.name() + ": " + Figures.count(chain.nodes().size(), "element"));
        for (int i = 0; i < chain.stages().size(); i++) {
            Stage stage = chain.stages().get(i);
            String link = i == 0 ? "" : describe(chain.links().get(i - 1));
            String nodes = stage.nodes().stream().map(CheckCommand::describe).collect(Collectors.joining(" | "));
            out.println("  " + link + nodes);
        }
        out.flush();
    }

    private static String describe(Link link) {
        return "--" + Documents.word(link.type()) + "," + Documents.word(link.policy()) + "," + link.slots() + "--> ";
    }

    private static String describe(Node node) {
        String what = node.isPort() ? "port " + node.port() : node.type();
        String where = switch (node.placement()) {
            case SAME -> "worker " + node.worker();
            case OWN -> "own process";
            case VM -> "vm " + node.vm() + ", worker " + node.worker();
        };
        return node.name() + " (" + what + ", " + where + ")";
    }
}
