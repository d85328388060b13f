// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.dashboard;

import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.node.Node;
import io.ptnetmap.nfv.node.NodeLog;
import io.ptnetmap.nfv.node.NodeSettings;
import io.ptnetmap.nfv.node.http.NodeServer;
import io.ptnetmap.nfv.node.http.Role;
import io.ptnetmap.nfv.node.http.ServerSettings;
import io.ptnetmap.nfv.node.http.TokenFile;
import io.ptnetmap.nfv.node.metrics.OtlpExport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A node that serves at a free port of the loopback interface. */
public final class TestNode implements AutoCloseable {
    private final NodeLog log = NodeLog.follow();
    private final Node node;
    private final Optional<OtlpExport> export;
    private final TokenFile tokens;
    private final Map<Role, String> secrets = new EnumMap<>(Role.class);
    private final HttpClient client = HttpClient.newHttpClient();
    private NodeServer server;
    private int port;

    private TestNode(Path directory, Optional<OtlpExport> export) {
        node = Node.open(
                new NodeSettings(
                        "test-node",
                        directory,
                        directory.resolve("data"),
                        List.of(),
                        List.of(),
                        Duration.ofSeconds(2),
                        LaunchOptions.Machines.ofThisUser()),
                new Launcher());
        this.export = export;
        tokens = new TokenFile(directory);
        for (Role role : Role.values()) {
            secrets.put(role, tokens.add(role.name().toLowerCase(java.util.Locale.ROOT), role, Optional.empty()));
        }
        serve();
    }

    /** One whose state is in a directory. */
    public static TestNode open(Path directory) {
        return new TestNode(directory, Optional.empty());
    }

    /** One that sends its metrics, too. */
    public static TestNode open(Path directory, OtlpExport export) {
        return new TestNode(directory, Optional.of(export));
    }

    /** Serves, at the port where it did before. */
    public void serve() {
        try {
            server = NodeServer.start(
                    node,
                    tokens,
                    log,
                    ServerSettings.of(
                            new InetSocketAddress("127.0.0.1", port),
                            Optional.empty(),
                            Optional.empty(),
                            OptionalInt.empty()),
                    export);
            port = server.port();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** Serves no more; the chains go on. */
    public void hush() {
        server.close();
    }

    public URI at(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    public String token(Role role) {
        return secrets.get(role);
    }

    /** Gives out a further token. */
    public String give(String name, Role role) {
        return tokens.add(name, role, Optional.empty());
    }

    /** Takes back one that was given. */
    public void take(String name) {
        tokens.remove(name);
    }

    /** Asks for something with the administrator's token. */
    public HttpResponse<String> ask(String method, String path, String body, String... headers) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(at(path))
                    .timeout(Duration.ofSeconds(60))
                    .header("authorization", "Bearer " + token(Role.ADMIN))
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
            for (int i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** Applies a descriptor, and waits until that is done. */
    public void apply(String chain, String descriptor) {
        HttpResponse<String> answer =
                ask("PUT", "/v1/chains/" + chain, descriptor, "content-type", "application/yaml", "prefer", "wait=30");
        if (answer.statusCode() != 200 || !answer.body().contains("\"succeeded\"")) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
    }

    @Override
    public void close() {
        server.close();
        node.close();
        log.close();
    }
}
