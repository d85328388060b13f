// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.client.ChangeOptions;
import io.ptnetmap.nfv.client.Descriptor;
import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.NodeClientOptions;
import io.ptnetmap.nfv.node.model.ChangeSummary;
import io.ptnetmap.nfv.node.model.Operation;
import io.ptnetmap.samples.node.BusListener;
import io.ptnetmap.samples.node.RuleChange;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetSocket;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The programs for Vert.x, against a node in a process of its own. */
class NodeSamplesTest {
    private static final String SERVING = "serving ";

    private final Vertx vertx = Vertx.vertx();

    @RegisterExtension
    final ErrorOutput errors = new ErrorOutput();

    @TempDir
    Path state;

    private Process process;
    private NodeClientOptions node;
    private int bus;

    @BeforeEach
    void startNode() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            bus = free.getLocalPort();
        }
        process = Nfv.command(
                        List.of(),
                        "node",
                        "--listen",
                        "127.0.0.1:0",
                        "--state",
                        state.toString(),
                        "--bus",
                        Integer.toString(bus))
                .redirectError(errors.redirect())
                .start();
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        while (line != null && !line.startsWith(SERVING)) {
            line = out.readLine();
        }
        assertTrue(line != null, "the node has ended");
        node = NodeClientOptions.of(URI.create(line.substring(SERVING.length())))
                .withTokenFile(state.resolve("admin.token"));
    }

    @AfterEach
    void endNode() throws Exception {
        get(vertx.close());
        process.destroy();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the node does not end");
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    @Test
    void aVerticleChangesARuleWhilePacketsFlow() throws Exception {
        List<String> log = new CopyOnWriteArrayList<>();
        RuleChange verticle = new RuleChange(node, log::add);
        get(vertx.deployVerticle(verticle));
        Operation change = get(verticle.done());
        ChangeSummary report = change.report().orElseThrow();
        assertTrue(report.live(), report::toString);
        assertEquals(0, report.lost().orElseThrow());
        assertEquals(0, report.reordered().orElseThrow());
        assertEquals(List.of(), report.mishaps());
        assertEquals(List.of("generator", "sink"), report.untouched());
        assertTrue(log.stream().anyMatch(line -> line.startsWith("CHAIN_ACCEPTED ")), log::toString);
        assertTrue(log.stream().anyMatch(line -> line.matches("firewall: \\d{4,} passed, 0 dropped")), log::toString);
        assertEquals(List.of(), get(NodeClient.create(vertx, node).chains()));
    }

    @Test
    void aListenerOnTheBusGetsAnswersAndEvents() throws Exception {
        BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
        NetSocket socket = get(new BusListener(node.token().orElseThrow(), messages::add).connect(vertx, bus));
        JsonObject answer = messages.poll(10, TimeUnit.SECONDS);
        assertEquals("chains", answer.getString("address"), answer::encode);
        assertEquals(200, answer.getJsonObject("body").getInteger("status"));
        Descriptor descriptor = Descriptor.yaml("chain: c\nfunctions:\n  - {type: generator}\n  - {type: sink}\n");
        get(NodeClient.create(vertx, node).apply("c", descriptor, ChangeOptions.DEFAULT.withoutStart()));
        JsonObject event = messages.poll(10, TimeUnit.SECONDS);
        assertEquals("nfv.events", event.getString("address"), event::encode);
        assertEquals("chain-accepted", event.getJsonObject("body").getString("type"));
        get(socket.close());
    }
}
