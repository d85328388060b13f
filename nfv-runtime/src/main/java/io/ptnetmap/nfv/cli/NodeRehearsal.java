// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.LocalNode;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.ptnetmap.nfv.node.NodeSettings;
import io.ptnetmap.nfv.node.http.NodeServer;
import io.ptnetmap.nfv.node.http.ServerSettings;
import io.ptnetmap.nfv.node.http.TokenFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** As {@link Rehearsal}, for a node and the commands that talk to it. */
public final class NodeRehearsal {
    private static final String CHAIN = """
            chain: rehearsal
            functions:
              - {type: generator, config: {rate: 10k}}
              - {type: sink}
            """;
    private static final List<String> COMMANDS = List.of(
            "plan FILE",
            "apply -f FILE",
            "get chains",
            "get functions -o wide",
            "get links -o json",
            "get chain rehearsal -o yaml",
            "describe chain rehearsal",
            "set rehearsal/generator.rate=20k",
            "top -n 2 --interval 200ms",
            "events",
            "logs");
    /** By its socket, where the commands above go to its port. */
    private static final List<String> AT_SOCKET = List.of(
            "complete -- set --node NODE generator.r",
            "complete -- get functions --node NODE g",
            "get chains --node NODE",
            "delete chain rehearsal --node NODE");

    private NodeRehearsal() {}

    /** @param directories an empty one of the node's own */
    public static void main(String[] directories) throws IOException, InterruptedException {
        Path state = Path.of(directories[0]);
        Path chain = Files.writeString(state.resolve("rehearsal.yaml"), CHAIN);
        NodeSettings settings = new NodeSettings(
                "rehearsal",
                state,
                state,
                List.of(),
                List.of(),
                Duration.ofSeconds(1),
                LaunchOptions.Machines.ofThisUser());
        Path socket = state.resolve("node.sock");
        ServerSettings serving = ServerSettings.of(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), UnixDomainSocketAddress.of(socket)),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty());
        int failed = 0;
        try (NodeLog log = NodeLog.follow();
                Node node = Node.open(settings, new Launcher())) {
            TokenFile tokens = new TokenFile(state);
            Path token = tokens.provideFirst().orElseThrow();
            try (NodeServer server = NodeServer.start(node, tokens, log, serving)) {
                for (String command : COMMANDS) {
                    List<String> line = new ArrayList<>(
                            List.of(command.replace("FILE", chain.toString()).split(" ")));
                    line.addAll(List.of("--node", "http://127.0.0.1:" + server.port()));
                    line.addAll(List.of("--token-file", token.toString()));
                    failed += Main.execute(line.toArray(String[]::new));
                }
                for (String command : AT_SOCKET) {
                    failed += Main.execute(
                            command.replace("NODE", LocalNode.address(socket).toString())
                                    .split(" "));
                }
            }
        }
        System.exit(failed);
    }
}
