// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.LocalNode;
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
            paramLabel = "URL|unix:PATH",
            description =
                    "The node. Default: NFV_NODE or, without that, the one that you run on this machine: at node.sock in your"
                            + " runtime directory or, if nobody serves there, at http://127.0.0.1:8470.")
    private Optional<String> node;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description =
                    "Holds the token that the node knows you by. Default: NFV_TOKEN (the token), NFV_TOKEN_FILE or, for this"
                            + " machine's node, the administrator's token in your directory for state. At a socket, the"
                            + " node's user and root need none.")
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
        return options(System.getenv());
    }

    /** The same for a browser, which reaches no socket. */
    NodeClientOptions optionsOfBrowser() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putIfAbsent(NodeClientOptions.NODE_VARIABLE, LocalNode.ADDRESS.toString());
        NodeClientOptions options = options(environment);
        options.socket().ifPresent(socket -> {
            throw new ParameterException(
                    spec.commandLine(),
                    "a browser cannot reach unix:" + socket + "; write --node with the node's other address, such as "
                            + LocalNode.ADDRESS);
        });
        return options;
    }

    private NodeClientOptions options(Map<String, String> defaults) {
        try {
            // Whoever waits at a terminal can try again himself.
            return NodeClientOptions.from(
                            environment(defaults, node, tokenFile.map(Path::toString), authority.map(Path::toString)))
                    .withRetries(1);
        } catch (IllegalArgumentException noAddress) {
            throw new ParameterException(spec.commandLine(), noAddress.getMessage(), noAddress);
        }
    }

    /** An environment that says what options say and, where they say nothing, what it says without them. */
    static Map<String, String> environment(
            Map<String, String> defaults,
            Optional<String> node,
            Optional<String> tokenFile,
            Optional<String> authority) {
        Map<String, String> environment = new HashMap<>(defaults);
        node.ifPresent(address -> environment.put(NodeClientOptions.NODE_VARIABLE, address));
        authority.ifPresent(file -> environment.put(NodeClientOptions.AUTHORITY_VARIABLE, file));
        tokenFile.ifPresent(file -> {
            environment.remove(NodeClientOptions.TOKEN_VARIABLE);
            environment.put(NodeClientOptions.TOKEN_FILE_VARIABLE, file);
        });
        return environment;
    }

    /** The node's address for programs that take a URL. */
    URI address() {
        return options().node();
    }
}
