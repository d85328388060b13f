// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a script that has a shell complete commands of nfv, their options, and names of a node's chains, functions,"
                    + " links and fields.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(nfv completion bash)                                        # in ~/.bashrc",
            "  source <(nfv completion zsh)                                         # in ~/.zshrc",
            "  nfv completion bash > ~/.local/share/bash-completion/completions/nfv # starts shells faster"
        })
final class CompletionCommand implements Callable<Integer> {
    /** Shells that it is for. */
    enum Shell {
        BASH,
        ZSH
    }

    /** The values of an option: named in capitals, but written in small letters. */
    private static final Pattern VALUES = Pattern.compile("(?<=_option_args=)\\(.*\\)(?= # )");

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "bash|zsh", description = "The shell.")
    private Shell shell;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        // Both shells understand it; what follows takes over where a node is to be asked.
        String options = AutoComplete.bash("nfv", spec.root().commandLine());
        out.println(VALUES.matcher(options)
                .replaceAll(values -> Matcher.quoteReplacement(values.group().toLowerCase(Locale.ROOT))));
        out.println(resource("completion.sh"));
        out.println(resource("completion." + shell.name().toLowerCase(Locale.ROOT)));
        out.flush();
        return ExitCodes.OK;
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = CompletionCommand.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
