// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.NodeClientOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which node a command talks to. */
final class NodeOptions {
    /** Of the command that has these options. */
    @Spec(Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--node",
            paramLabel = "URL",
            description =
                    "The node. Default: NFV_NODE or, without that, the one of this machine at http://127.0.0.1:8470.")
    private Optional<String> node;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "Holds the token that the node knows you by. Default: NFV_TOKEN (the token), NFV_TOKEN_FILE or, for this"
                            + " machine's node, the administrator's token in your directory for state.")
    private Optional<Path> tokenFile;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description =
                    "Certificates (PEM) that an https node's own must come from. Default: NFV_CA, or those that Java trusts.")
    private Optional<Path> authority;

    /** A connection to the node. */
    NodeSession connect() {
        return new NodeSession(options());
    }

    NodeClientOptions options() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        node.ifPresent(address -> environment.put(NodeClientOptions.NODE_VARIABLE, address));
        authority.ifPresent(file -> environment.put(NodeClientOptions.AUTHORITY_VARIABLE, file.toString()));
        tokenFile.ifPresent(file -> {
            environment.remove(NodeClientOptions.TOKEN_VARIABLE);
            environment.put(NodeClientOptions.TOKEN_FILE_VARIABLE, file.toString());
        });
        try {
            // Whoever waits at a terminal can try again himself.
            return NodeClientOptions.from(environment).withRetries(1);
        } catch (IllegalArgumentException noAddress) {
            throw new ParameterException(spec.commandLine(), noAddress.getMessage(), noAddress);
        }
    }

    /** The node's address for programs that take a URL. */
    URI address() {
        return options().node();
    }
}
