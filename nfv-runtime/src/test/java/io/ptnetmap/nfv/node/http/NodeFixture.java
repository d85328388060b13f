// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.ptnetmap.nfv.node.NodeSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node with its server in this process, and a client of it. */
final class NodeFixture implements AutoCloseable {
    final Path state;
    final Node node;
    final NodeServer server;
    final Map<Role, String> tokens = new HashMap<>();
    final String expired;
    final NodeLog log = NodeLog.follow();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** An answer. */
    record Answer(int status, Map<String, String> headers, String body) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }
    }

    NodeFixture(Path state) throws InterruptedException {
        this(state, new Launcher());
    }

    NodeFixture(Path state, ChainLauncher launcher) throws InterruptedException {
        this(state, launcher, LaunchOptions.Machines.ofThisUser());
    }

    NodeFixture(Path state, ChainLauncher launcher, LaunchOptions.Machines machines) throws InterruptedException {
        this.state = state;
        node = Node.open(settings(state, machines), launcher);
        TokenFile file = new TokenFile(state);
        for (Role role : Role.values()) {
            file.remove(role.name());
            tokens.put(
                    role, file.add(role.name(), role, Optional.of(Instant.now().plusSeconds(600))));
        }
        file.remove("expired");
        expired = file.add("expired", Role.ADMIN, Optional.of(Instant.now().minusSeconds(1)));
        server = NodeServer.start(
                node,
                file,
                log,
                ServerSettings.of(
                        new InetSocketAddress("127.0.0.1", 0),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt.empty()));
    }

    static NodeSettings settings(Path state) {
        return settings(state, LaunchOptions.Machines.ofThisUser());
    }

    private static NodeSettings settings(Path state, LaunchOptions.Machines machines) {
        return new NodeSettings(
                "test", state, state.resolve("data"), List.of(), List.of(), Duration.ofSeconds(2), machines);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    /** Sends a request as some role; headers are names and values in turn. */
    Answer send(Role role, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        return send(Optional.of(tokens.get(role)), method, path, body, headers);
    }

    Answer send(Optional<String> token, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(30))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        Map<String, String> received = new HashMap<>();
        response.headers().map().forEach((name, values) -> received.put(name, values.getFirst()));
        return new Answer(response.statusCode(), received, response.body());
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(Role.READ, "GET", path, "");
    }

    /** What is at a path, as soon as it is so. */
    JsonNode await(String path, Duration most, Predicate<JsonNode> condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        JsonNode found = get(path).json();
        while (!condition.test(found)) {
            JsonNode last = found;
            assertTrue(System.nanoTime() < deadline, () -> "not in time: " + last);
            TimeUnit.MILLISECONDS.sleep(20);
            found = get(path).json();
        }
        return found;
    }

    /** The events of a type by now. */
    List<JsonNode> events(String type) throws IOException, InterruptedException {
        return get("/v1/events?follow=false&type=" + type)
                .body()
                .lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> JsonMapper.shared().readTree(line.substring("data:".length())))
                .toList();
    }

    Answer put(String chain, String yaml) throws IOException, InterruptedException {
        return send(
                Role.ADMIN,
                "PUT",
                "/v1/chains/" + chain,
                yaml,
                "Content-Type",
                "application/yaml",
                "Prefer",
                "wait=20");
    }

    static String chain(String name, String label) {
        return """
                chain: %s
                functions:
                  - {type: trickle}
                  - {type: label, config: {label: %s}}
                  - {type: hole}
                """.formatted(name, label);
    }

    @Override
    public void close() {
        server.close();
        node.close();
        log.close();
    }
}
