// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.ChangeOptions;
import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.node.model.Operation;
import io.vertx.core.Future;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What can be done with whole chains. */
abstract class ChainsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WaitOption waiting;

    @Mixin
    private NodeOptions node;

    /** Names of the chains. */
    abstract List<String> chains();

    abstract Future<Operation> change(NodeClient client, String chain, ChangeOptions options);

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (NodeSession session = node.connect()) {
            for (String chain : chains()) {
                Operation begun = session.get(client -> change(client, chain, waiting.options()));
                ChangeText.of(waiting.end(session, begun)).forEach(out::println);
                out.flush();
            }
        }
        return ExitCodes.OK;
    }

    /** The command line has names of chains, and nothing before them. */
    abstract static class ByName extends ChainsCommand {
        @Parameters(paramLabel = "CHAIN", arity = "1..*", description = "Names of the chains.")
        private List<String> chains;

        @Override
        List<String> chains() {
            return chains;
        }
    }

    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description = {"Has a node start chains that are stopped.", ""})
    static final class Start extends ByName {
        @Override
        Future<Operation> change(NodeClient client, String chain, ChangeOptions options) {
            return client.start(chain, options);
        }
    }

    @Command(
            name = "stop",
            mixinStandardHelpOptions = true,
            description = {
                "Has a node let the packets out of chains and stop them.",
                "",
                "They stay stopped, also when the node is started again, until 'nfv start'.",
                ""
            })
    static final class Stop extends ByName {
        @Override
        Future<Operation> change(NodeClient client, String chain, ChangeOptions options) {
            return client.stop(chain, options);
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description = {"Has a node let the packets out of chains, stop and forget them.", ""},
            footerHeading = "%nExamples:%n",
            footer = {"  nfv delete edge", "  nfv delete chain edge"})
    static final class Delete extends ByName {
        private static final List<String> KIND = List.of("chain", "chains");

        /** As with other commands, the kind may be named first; alone, the word is a chain's name. */
        @Override
        List<String> chains() {
            List<String> words = super.chains();
            return words.size() > 1 && KIND.contains(words.getFirst()) ? words.subList(1, words.size()) : words;
        }

        @Override
        Future<Operation> change(NodeClient client, String chain, ChangeOptions options) {
            return client.delete(chain, options);
        }
    }
}
