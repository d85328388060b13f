// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.NodeClientOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "complete",
        hidden = true,
        description = "Tells what the last word of a command line may be. For the scripts of 'nfv completion'.")
final class CompleteCommand implements Callable<Integer> {
    /** Who has pressed a key waits for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "WORD", arity = "1..*", description = "The words behind nfv; the last may be empty.")
    private List<String> words;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        TypedLine line = TypedLine.of(words);
        try {
            Completion completion = new Completion(
                    line,
                    () -> new NodeSession(NodeClientOptions.from(line.environment(System.getenv()))
                            .withTimeout(PATIENCE)
                            .withRetries(0)));
            completion.candidates().stream()
                    .filter(candidate -> candidate.startsWith(line.current()))
                    .forEach(out::println);
        } catch (RuntimeException notToBeTold) {
            // There is no place for it in the middle of a line that somebody types.
        }
        out.flush();
        return ExitCodes.OK;
    }
}
