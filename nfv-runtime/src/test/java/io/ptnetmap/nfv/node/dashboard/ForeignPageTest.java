// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import io.ptnetmap.nfv.node.http.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a page of somebody else's can do to a node through the browser of who may use both: nothing, even if it knew a token. */
class ForeignPageTest {
    private static final String NAME = "evil.example";
    /** What comes of some ways to reach a node: what was answered, or "refused" where the browser or the node does not let it. */
    private static final String ATTEMPTS = """
            async ({node, token}) => {
              const attempt = async (address, options) => {
                try { const answer = await fetch(node + address, options); return answer.type + ' ' + answer.status; }
                catch (refused) { return 'refused'; }
              };
              const loaded = (element, source) => new Promise(done => {
                element.onload = () => done('loaded');
                element.onerror = () => done('refused');
                element.src = source;
                document.body.append(element);
              });
              const bearer = {Authorization: 'Bearer ' + token};
              return {
                read: await attempt('/v1/chains', {headers: bearer}),
                delete: await attempt('/v1/chains/edge', {method: 'DELETE', headers: bearer}),
                yaml: await attempt('/v1/chains', {method: 'POST', body: 'chain: x', headers: {'Content-Type': 'application/yaml'}}),
                simple: await attempt('/v1/chains/edge/stop', {method: 'POST', body: 'x', mode: 'no-cors', credentials: 'include'}),
                health: await attempt('/health/live', {}),
                script: await loaded(document.createElement('script'), node + '/dashboard/js/main.js'),
              };
            }
            """;

    @TempDir
    Path directory;

    @Test
    void pagesOfOtherOriginsReadNothingAndChangeNothing() throws IOException {
        HttpServer elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        elsewhere.createContext("/", exchange -> {
            byte[] page = "<!doctype html><title>evil</title><body>".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        elsewhere.start();
        try (TestNode node = TestNode.open(directory);
                Browser browser = Browser.open("--host-resolver-rules=MAP " + NAME + " 127.0.0.1")) {
            node.apply(
                    "edge",
                    "chain: edge\nfunctions: [{type: dashboard-trickle, config: {rate: 10}}, {type: dashboard-take}]\n");
            Page page = browser.page(new NewContextOptions());
            page.navigate("http://127.0.0.1:" + elsewhere.getAddress().getPort() + "/");
            Map<?, ?> outcome = (Map<?, ?>) page.evaluate(
                    ATTEMPTS,
                    Map.of("node", "http://127.0.0.1:" + node.at("/").getPort(), "token", node.token(Role.ADMIN)));
            assertEquals("refused", outcome.get("read"), outcome::toString);
            assertEquals("refused", outcome.get("delete"), outcome::toString);
            assertEquals("refused", outcome.get("yaml"), outcome::toString);
            assertEquals("refused", outcome.get("simple"), outcome::toString);
            assertEquals("refused", outcome.get("health"), outcome::toString);
            assertEquals("refused", outcome.get("script"), outcome::toString);
            assertTrue(node.ask("GET", "/v1/chains/edge", "").body().contains("\"running\""));
            // A name that was made to lead to the node.
            assertEquals(
                    421,
                    page.navigate("http://" + NAME + ":" + node.at("/").getPort() + "/")
                            .status());
            assertFalse(page.content().contains("/dashboard/js/main.js"));
        } finally {
            elsewhere.stop(0);
        }
    }
}
