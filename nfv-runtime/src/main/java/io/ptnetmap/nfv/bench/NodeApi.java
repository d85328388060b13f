// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API of a node that is measured, by Java's own HTTP client: {@code nfv bench} has none of a node's libraries. Thread-safe. */
final class NodeApi implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI address;
    private final String token;

    NodeApi(URI address, String token) {
        this.address = address;
        this.token = token;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path))
                .timeout(PATIENCE)
                .header("authorization", "Bearer " + token)
                .header("prefer", "wait=30");
    }

    /** What a path has, as text. */
    String get(String path) {
        return answer(request(path).build());
    }

    /** What a path has. */
    JsonNode json(String path) {
        return JsonMapper.shared().readTree(get(path));
    }

    /** Creates or changes something, and waits until that is done. */
    void send(String method, String path, String type, String body) {
        String answer = answer(request(path)
                .header("content-type", type)
                .method(method, BodyPublishers.ofString(body))
                .build());
        String state = JsonMapper.shared().readTree(answer).path("state").asString("");
        if (!state.equals("succeeded")) {
            throw new BenchException("the node did not do '" + method + " " + path + "': " + answer);
        }
    }

    /** What is read as the node sends it; ends when it is closed. */
    InputStream stream(String path) {
        return exchange(request(path).build(), BodyHandlers.ofInputStream()).body();
    }

    private String answer(HttpRequest request) {
        HttpResponse<String> answer = exchange(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new BenchException("the node answers " + request.method() + " "
                    + request.uri().getPath() + " with " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> how) {
        try {
            return client.send(request, how);
        } catch (IOException failure) {
            throw new BenchException("the node does not answer: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
