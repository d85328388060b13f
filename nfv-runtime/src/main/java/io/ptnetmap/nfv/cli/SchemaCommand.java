// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.chain.ChainSchema;
import io.ptnetmap.nfv.options.FunctionPathOption;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the JSON Schema (2020-12) of chain files, with the configuration of each function.",
            "",
            "Editors complete and check chains by it. With a function's name: the schema of its configuration.",
            ""
        },
        footerHeading = "%nExample:%n",
        footer = {
            "  nfv schema > chain.schema.json",
            "  and as the first line of a chain: # yaml-language-server: $schema=chain.schema.json"
        })
final class SchemaCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "A function.")
    private String name;

    @Option(names = "--without-functions", description = "Leave the configuration of all functions open.")
    private boolean withoutFunctions;

    @Mixin
    private FunctionPathOption functionPath;

    @Override
    public Integer call() {
        ChainSchema schemas = new ChainSchema();
        try (FunctionRegistry functions = FunctionRegistry.open(functionPath.paths())) {
            spec.commandLine().getOut().println(ChainSchema.text(schema(schemas, functions)));
        }
        return ExitCodes.OK;
    }

    private ObjectNode schema(ChainSchema schemas, FunctionRegistry functions) {
        if (name != null) {
            return schemas.ofConfig(FunctionsCommand.find(functions, name, spec));
        }
        return withoutFunctions ? schemas.ofDescriptor() : schemas.ofDescriptor(functions);
    }
}
