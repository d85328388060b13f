// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.Launcher;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A chain whose sources are exhausted, and what is asked for while its processes and machines are put away, which takes time. */
@Timeout(90)
class EndedChainTest {
    private static final String CHAIN = "/v1/chains/edge";
    private static final String[] YAML = {"Content-Type", "application/yaml"};

    @TempDir
    Path directory;

    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch mayClose = new CountDownLatch(1);

    private static String chain(int count) {
        return "chain: edge\nfunctions:\n  - {type: trickle, config: {per-tick: 5, count: " + count
                + "}}\n  - {type: hole}\n";
    }

    /** Runs whose end takes until it may be. */
    private ChainLauncher slowlyClosed() {
        return (chain, options) -> {
            ChainRun run = new Launcher().launch(chain, options);
            return (ChainRun) Proxy.newProxyInstance(
                    ChainRun.class.getClassLoader(), new Class<?>[] {ChainRun.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("close")) {
                            closing.countDown();
                            mayClose.await();
                        }
                        try {
                            return method.invoke(run, arguments);
                        } catch (InvocationTargetException thrown) {
                            throw thrown.getCause();
                        }
                    });
        };
    }

    private static void awaitState(NodeFixture node, String state) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        String found = "";
        while (!found.equals(state)) {
            found = node.get(CHAIN).json().get("state").asString();
            assertTrue(System.nanoTime() < deadline, "it is " + found + ", not " + state);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void whatIsAcceptedThenRunsAgainWithTheNextNode() throws Exception {
        try (NodeFixture node = new NodeFixture(directory.resolve("state"), slowlyClosed())) {
            node.put("edge", chain(5));
            assertTrue(closing.await(30, TimeUnit.SECONDS), "it ends");
            NodeFixture.Answer accepted = node.send(Role.ADMIN, "PUT", CHAIN, chain(0), YAML);
            assertEquals(202, accepted.status(), accepted::body);
            mayClose.countDown();
            awaitState(node, "running");
        }
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            awaitState(node, "running");
        }
    }

    @Test
    void nothingOfItBeginsAnewWithTheNextNode() throws Exception {
        mayClose.countDown();
        try (NodeFixture node = new NodeFixture(directory.resolve("state"), slowlyClosed())) {
            node.put("edge", chain(5));
            awaitState(node, "ended");
        }
        try (NodeFixture node = new NodeFixture(directory.resolve("state"))) {
            awaitState(node, "ended");
        }
    }
}
