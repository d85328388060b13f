// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.node.http.Role;
import io.ptnetmap.nfv.node.http.TokenFile;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Adds, lists and removes the tokens that open a node's API. The node takes a change within a second.",
            ""
        })
final class TokenCommand {
    @Command(name = "add", mixinStandardHelpOptions = true, description = "Makes a token and prints it, once.")
    int add(
            @Mixin StateOption state,
            @Parameters(paramLabel = "NAME", description = "Whose it is, for the log.") String name,
            @Option(names = "--role", paramLabel = "ROLE", required = true, description = "read, operate or admin.")
                    Role role,
            @Option(names = "--expires", paramLabel = "TIME", description = "Valid for this long, such as 30d.")
                    Optional<Duration> expires) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")) {
            throw new ParameterException(
                    spec.commandLine(), "NAME: 1 to 64 letters, digits, '.', '_', '@' and '-', not '" + name + "'");
        }
        print(new TokenFile(state.directory())
                .add(name, role, expires.map(time -> Instant.now().plus(time))));
        return ExitCodes.OK;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists names, roles and when they expire.")
    int list(@Mixin StateOption state) {
        TextTable table = new TextTable("lll", "NAME", "ROLE", "EXPIRES");
        new TokenFile(state.directory())
                .list()
                .forEach(token -> table.row(
                        token.name(),
                        Documents.word(token.role()),
                        token.expires().map(Instant::toString).orElse("never")));
        table.lines().forEach(this::print);
        return ExitCodes.OK;
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Makes a token invalid.")
    int remove(@Mixin StateOption state, @Parameters(paramLabel = "NAME", description = "Whose.") String name) {
        if (!new TokenFile(state.directory()).remove(name)) {
            throw new ParameterException(spec.commandLine(), "there is no token '" + name + "'");
        }
        return ExitCodes.OK;
    }

    @Spec
    private CommandSpec spec;

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
