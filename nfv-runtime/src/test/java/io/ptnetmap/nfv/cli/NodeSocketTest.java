// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ptnetmap.linux.UnixSocket;
import io.ptnetmap.nfv.client.LocalNode;
import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.NodeClientOptions;
import io.ptnetmap.nfv.node.model.ChainSummary;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node at a Unix socket, reached by curl, by commands and by the Java client. */
class NodeSocketTest {
    private static final String CHAIN = "chain: edge\nfunctions: [{type: trickle}, {type: checking-sink}]\n";
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

    @TempDir
    Path directory;

    private final List<NodeProcess> nodes = new ArrayList<>();
    private Path socket;
    private Path chain;

    @BeforeEach
    void place() throws IOException {
        socket = directory.resolve("node.sock");
        chain = Files.writeString(directory.resolve("edge.yaml"), CHAIN);
    }

    @AfterEach
    void end() throws InterruptedException {
        for (NodeProcess node : nodes) {
            node.end();
        }
    }

    private NodeProcess start(String... options) throws IOException {
        return start(List.of(), "state", options);
    }

    private NodeProcess start(List<String> starter, String state, String... options) throws IOException {
        NodeProcess node = NodeProcess.start(starter, directory.resolve(state), options);
        nodes.add(node);
        return node;
    }

    private Curl.Answer ask(List<String> starter, String path, String... arguments)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("--unix-socket", socket.toString(), "http://node" + path));
        all.addAll(List.of(arguments));
        return Curl.run(starter, all.toArray(String[]::new));
    }

    private String at() {
        return "unix:" + socket;
    }

    private static void needRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root, to be somebody else");
    }

    @Test
    void itsUserNeedsNoTokenAtTheSocket() throws IOException, InterruptedException {
        Curl.need("curl");
        NodeProcess node = start("--listen", "127.0.0.1:0", "--listen", at());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertEquals(200, ask(List.of(), "/v1/chains").status());
        assertEquals(
                200,
                ask(
                                List.of(),
                                "/v1/chains/edge",
                                "-X",
                                "PUT",
                                "-H",
                                "Content-Type: application/yaml",
                                "-H",
                                "Prefer: wait=20",
                                "--data-binary",
                                "@" + chain)
                        .status());
        Curl.Answer who = ask(List.of(), "/v1/token");
        assertTrue(who.body().contains("\"user " + System.getProperty("user.name") + "\""), who::body);
        assertTrue(who.body().contains("\"admin\""), who::body);
        Curl.Answer unknown = ask(List.of(), "/v1/chains", "-H", "Authorization: Bearer nonsense");
        assertEquals(401, unknown.status(), "who shows a token is taken at it");
        assertEquals(401, Curl.run(List.of(), node.address() + "/v1/chains").status(), "by TCP, nothing is changed");
        node.end();
        assertFalse(Files.exists(socket), "the socket goes with the node");
    }

    @Test
    void othersNeedOneEvenIfTheFileLetsThemIn() throws IOException, InterruptedException {
        Curl.need("curl", "setpriv");
        needRoot();
        NodeProcess node = start("--listen", at());
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals(0, ask(AS_NOBODY, "/v1/chains").status(), "the file keeps them out");
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        assertEquals(401, ask(AS_NOBODY, "/v1/chains").status());
        String token = Files.readString(node.token()).strip();
        assertEquals(
                200,
                ask(AS_NOBODY, "/v1/chains", "-H", "Authorization: Bearer " + token)
                        .status());
        assertEquals(200, ask(List.of(), "/v1/chains").status());
    }

    @Test
    void rootNeedsNoneEither() throws IOException, InterruptedException {
        Curl.need("curl", "setpriv");
        needRoot();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        // The classes may lie where only root can read.
        List<String> readingAll = new ArrayList<>(AS_NOBODY);
        readingAll.addAll(List.of("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"));
        start(readingAll, "state", "--listen", at());
        assertEquals(65534, Files.getAttribute(socket, "unix:uid"));
        Curl.Answer who = ask(List.of(), "/v1/token");
        assertTrue(who.body().contains("\"user root\""), who::body);
        assertEquals(200, ask(AS_NOBODY, "/v1/chains").status());
    }

    @Test
    void whatAKilledNodeHasLeftIsReplacedAndNothingElse() throws IOException, InterruptedException {
        start("--listen", at()).kill();
        assertTrue(Files.exists(socket));
        start("--listen", at());
        String taken = NodeProcess.refused(directory.resolve("other"), "--listen", at());
        assertEquals(
                "nfv: cannot listen at unix:" + socket
                        + ": another process serves there; end it, or name another path\n",
                taken);
        Path file = Files.writeString(directory.resolve("file"), "mine");
        String kept = NodeProcess.refused(directory.resolve("third"), "--listen", "unix:" + file);
        assertTrue(kept.contains("a file that is no socket"), kept);
        assertEquals("mine", Files.readString(file));
        Path packets = directory.resolve("packets");
        try (UnixSocket ofAnotherType = UnixSocket.listen(packets)) {
            String other = NodeProcess.refused(directory.resolve("fourth"), "--listen", "unix:" + packets);
            assertTrue(other.contains("another process serves there"), () -> other + ofAnotherType.descriptor());
        }
        String nowhere =
                NodeProcess.refused(directory.resolve("fifth"), "--listen", "unix:" + directory + "/no/n.sock");
        assertTrue(nowhere.contains("there is no directory " + directory + "/no; make one"), nowhere);
        String tooLong = "unix:" + directory.resolve("n".repeat(120));
        assertTrue(NodeProcess.refused(directory.resolve("sixth"), "--listen", tooLong)
                .contains("a socket's may have 107"));
    }

    @Test
    void commandsReachIt() throws IOException {
        start("--listen", at());
        CommandOutcome applied = CommandOutcome.of("apply", "-f", chain.toString(), "--node", at());
        assertEquals("", applied.err());
        assertTrue(applied.out().startsWith("edge: created"), applied::out);
        assertEquals(
                "chain/edge\n",
                CommandOutcome.of("get", "chains", "-o", "name", "--node", at()).out());
        CommandOutcome lines = CommandOutcome.of("top", "-n", "2", "-d", "100ms", "--node", at());
        assertEquals(2, lines.out().lines().count(), () -> lines.out() + lines.err());
        CommandOutcome dashboard = CommandOutcome.of("dashboard", "--node", at());
        assertEquals(2, dashboard.exitCode());
        assertTrue(dashboard.err().contains("a browser cannot reach " + at()), dashboard::err);
    }

    @Test
    void theJavaClientReachesIt() throws Exception {
        start("--listen", at());
        Vertx vertx = Vertx.vertx();
        try {
            NodeClient client = NodeClient.create(vertx, NodeClientOptions.of(LocalNode.address(socket)));
            List<ChainSummary> chains =
                    client.chains().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertEquals(List.of(), chains);
            assertEquals(URI.create("unix:" + socket), client.address());
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void withoutOptionsBothMeetInTheRuntimeDirectory() throws IOException, InterruptedException {
        Curl.need("unshare", "setpriv");
        needRoot();
        // There may be a node at the usual port of this machine.
        start(alone(), "state");
        socket = directory.resolve("ptnetmap/node.sock");
        for (int i = 0; !Files.exists(socket) && i < 100; i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        String applied = command("apply -f " + chain);
        assertTrue(applied.startsWith("edge: created"), applied);
        assertEquals("chain/edge\n", command("get chains -o name"));
        nodes.getFirst().kill();
        assertTrue(Files.exists(socket));
        String refused = command("get chains");
        assertTrue(refused.contains("http://127.0.0.1:8470"), () -> "nobody serves at the socket any more: " + refused);
    }

    /** Starts a program whose runtime directory is that of this test, in a network of its own. */
    private List<String> alone() {
        return List.of(
                "env",
                "XDG_RUNTIME_DIR=" + directory,
                "unshare",
                "--net",
                "sh",
                "-c",
                "ip link set lo up && exec \"$@\"",
                "sh");
    }

    private String command(String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(NodeProcess.line(alone(), List.of(line.split(" "))))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    @Test
    void whereNobodyAnswersThereIsARemedy() throws IOException, InterruptedException {
        CommandOutcome none = CommandOutcome.of("get", "chains", "--node", at());
        assertEquals(4, none.exitCode());
        assertEquals(
                "nfv: no node answers at " + at() + ": there is no such socket; start a node by 'nfv node --listen "
                        + at() + "'\n",
                none.err());
        start("--listen", at()).kill();
        CommandOutcome ended = CommandOutcome.of("get", "chains", "--node", at());
        assertEquals(4, ended.exitCode());
        assertEquals(
                "nfv: no node answers at " + at() + ": the node that served there has ended; start one again\n",
                ended.err());
        CommandOutcome noPath = CommandOutcome.of("get", "chains", "--node", "unix:");
        assertEquals(2, noPath.exitCode(), noPath::err);
    }
}
