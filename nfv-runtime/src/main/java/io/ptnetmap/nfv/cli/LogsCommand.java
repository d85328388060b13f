// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = {"Shows the last lines of a node's log.", ""},
        footerHeading = "%nExample:%n",
        footer = "  nfv logs -f edge")
final class LogsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "CHAIN", arity = "0..1", description = "Only lines about this chain.")
    private Optional<String> chain;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with each new line, until interrupted.")
    private boolean follow;

    @Mixin
    private StreamOutput output;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        output.tell(node, chain, client -> client.logs(chain, follow), line -> List.of(EventText.line(line)));
        return ExitCodes.OK;
    }
}
