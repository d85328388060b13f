// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.model.LogLine;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "logs",
        mixinStandardHelpOptions = true,
        description = {"Shows the last lines of a node's log.", ""},
        footerHeading = "%nExample:%n",
        footer = "  nfv logs -f edge")
final class LogsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAIN", arity = "0..1", description = "Only lines about this chain.")
    private Optional<String> chain;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on with each new line, until interrupted.")
    private boolean follow;

    @Mixin
    private NodeOptions node;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try (NodeSession session = node.connect()) {
            session.follow(client -> client.logs(chain, follow), (LogLine line) -> {
                out.println(EventText.line(line));
                return !out.checkError();
            });
        }
        return ExitCodes.OK;
    }
}
