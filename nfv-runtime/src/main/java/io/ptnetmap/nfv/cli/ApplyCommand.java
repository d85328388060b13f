// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.ChangeOptions;
import io.ptnetmap.nfv.client.NodeException;
import io.ptnetmap.nfv.node.model.Operation;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "apply",
        mixinStandardHelpOptions = true,
        description = {
            "Has a node run chains, or changes those that run to what their files say, while packets flow.",
            "",
            "Prints what was changed, how long any function paused for it, and whether packets were lost or reordered."
                    + " A change that fails is undone. 'nfv plan' shows beforehand what would be done.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  nfv apply -f edge.yaml",
            "  nfv apply -f edge.yaml --node https://192.0.2.1:8470 --token-file token",
            "  generate-chain | nfv apply -f -",
            "",
            "Exit codes: 0 done, 1 the node refuses or has failed, 2 wrong usage, 3 wrong chain file, 4 no answer, or no permission."
        })
final class ApplyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DescriptorFiles files;

    @Mixin
    private WaitOption waiting;

    @Option(names = "--no-start", description = "Do not start a new chain.")
    private boolean noStart;

    @Option(
            names = "--if-version",
            paramLabel = "VERSION",
            description = "Change the chain only if it is still this version; 'nfv describe chain' tells it.")
    private Optional<String> version;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<DescriptorFile> chains = files.read();
        try (NodeSession session = node.connect()) {
            for (DescriptorFile chain : chains) {
                ChangeText.of(apply(session, chain)).forEach(out::println);
                out.flush();
            }
        }
        return ExitCodes.OK;
    }

    private Operation apply(NodeSession session, DescriptorFile file) throws InterruptedException {
        ChangeOptions options = noStart ? waiting.options().withoutStart() : waiting.options();
        ChangeOptions conditional = version.map(options::onlyIf).orElse(options);
        try {
            Optional<String> chain = file.chain();
            // Without a name it is no chain; the node tells what is wrong with it.
            Operation begun = chain.isPresent()
                    ? session.get(client -> client.apply(chain.get(), file.descriptor(), conditional))
                    : session.get(client -> client.create(file.descriptor(), conditional));
            return waiting.end(session, begun);
        } catch (NodeException refused) {
            throw file.explain(refused);
        }
    }
}
