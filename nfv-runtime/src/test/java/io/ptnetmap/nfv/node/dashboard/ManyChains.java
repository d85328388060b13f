// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.dashboard;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ptnetmap.nfv.node.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Speaks as a node with many busy chains does, without the chains, which would take all the processors that the page is to have. */
final class ManyChains implements AutoCloseable {
    private static final long PACKETS_PER_SECOND = 1_234_567;
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8", "css", "text/css", "js", "text/javascript", "svg", "image/svg+xml");

    private final int chains;
    private final int functions;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final long started = System.nanoTime();

    ManyChains(int chains, int functions) throws IOException {
        this.chains = chains;
        this.functions = functions;
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::file);
        server.createContext("/v1/token", exchange -> json(exchange, "{\"name\":\"me\",\"role\":\"admin\"}"));
        server.createContext(
                "/v1/node", exchange -> json(exchange, "{\"name\":\"many\",\"started\":\"" + Instant.now() + "\"}"));
        server.createContext("/v1/operations", exchange -> json(exchange, page("")));
        server.createContext("/v1/chains", this::chain);
        server.createContext("/v1/events", ManyChains::events);
        server.createContext("/v1/statistics", this::statistics);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    private static String page(String items) {
        return "{\"items\":[" + items + "]}";
    }

    private static void json(HttpExchange exchange, String body) throws IOException {
        bytes(exchange, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("content-type", type);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void file(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String name = path.equals("/") ? "index.html" : path.replaceFirst("^/dashboard/", "");
        try (InputStream in = Node.class.getResourceAsStream("dashboard/" + name)) {
            bytes(exchange, TYPES.get(name.substring(name.lastIndexOf('.') + 1)), in.readAllBytes());
        }
    }

    private void chain(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/");
        String chain = path.length > 3 ? path[3] : "";
        if (path.length == 3) {
            json(exchange, page(all(this::summary)));
        } else if (path.length == 4) {
            json(exchange, summary(Integer.parseInt(chain.substring(6))));
        } else if (path[4].equals("functions")) {
            json(
                    exchange,
                    page(functions(number -> "{\"chain\":\"" + chain + "\",\"name\":\"function-" + number
                            + "\",\"type\":\"pass\",\"placement\":\"same\",\"worker\":0,\"state\":\"running\"}")));
        } else {
            json(
                    exchange,
                    page(
                            links(
                                    number -> "{\"chain\":\"" + chain + "\",\"name\":\"" + link(number)
                                            + "\",\"from\":\"function-"
                                            + (number - 1) + "\",\"to\":\"function-" + number
                                            + "\",\"type\":\"auto\",\"policy\":\"block\",\"kind\":\"pipe\",\"slots\":1024,\"used\":0}")));
        }
    }

    private String summary(int number) {
        return "{\"name\":\"chain-" + number
                + "\",\"revision\":1,\"state\":\"running\",\"desired\":\"running\",\"functions\":["
                + functions(function -> "\"function-" + function + "\"") + "],\"descriptor\":{},\"created\":\""
                + Instant.now() + "\",\"changed\":\"" + Instant.now() + "\",\"started\":\"" + Instant.now() + "\"}";
    }

    private static String link(int number) {
        return "function-" + (number - 1) + "..function-" + number;
    }

    private String all(java.util.function.IntFunction<String> chain) {
        return IntStream.range(0, chains).mapToObj(chain).collect(Collectors.joining(","));
    }

    private String functions(java.util.function.IntFunction<String> function) {
        return IntStream.range(0, functions).mapToObj(function).collect(Collectors.joining(","));
    }

    private String links(java.util.function.IntFunction<String> link) {
        return IntStream.range(1, functions).mapToObj(link).collect(Collectors.joining(","));
    }

    private void statistics(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
                out.write(all(this::statistics)
                        .replace("},{\"chain\"", "}\n\nevent: statistics\ndata: {\"chain\"")
                        .replaceFirst("^", "event: statistics\ndata: ")
                        .concat("\n\n")
                        .getBytes(StandardCharsets.UTF_8));
                out.flush();
                Thread.sleep(1000);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private String statistics(int chain) {
        long nanos = System.nanoTime() - started + 1_000_000_000L;
        long packets = (long) (nanos / 1e9 * PACKETS_PER_SECOND) + chain;
        return "{\"chain\":\"chain-" + chain + "\",\"time\":\"" + Instant.now() + "\",\"elapsed-nanos\":" + nanos
                + ",\"functions\":["
                + functions(number -> "{\"name\":\"function-" + number
                        + "\",\"type\":\"pass\",\"state\":\"running\",\"account\":{\"received\":" + packets
                        + ",\"received-bytes\":" + packets * 100 + ",\"created\":0,\"sent\":" + packets
                        + ",\"sent-bytes\":"
                        + packets * 100 + ",\"consumed\":0,\"dropped\":" + packets / 100 + ",\"drops\":{\"denied\":"
                        + packets / 100 + "}}}")
                + "],\"links\":["
                + links(number ->
                        "{\"name\":\"" + link(number) + "\",\"kind\":\"pipe\",\"slots\":1024,\"used\":" + packets % 1024
                                + ",\"forward\":{\"packets\":" + packets + ",\"bytes\":" + packets * 100
                                + "},\"backward\":{\"packets\":" + packets / 2 + ",\"bytes\":" + packets * 50 + "}}")
                + "]}";
    }

    private static void events(HttpExchange exchange) throws IOException {
        String nothing = ": nothing happens\n\n";
        if ("follow=false".equals(exchange.getRequestURI().getQuery())) {
            bytes(exchange, "text/event-stream", nothing.getBytes(StandardCharsets.UTF_8));
        } else {
            stream(exchange, nothing);
        }
    }

    private static void stream(HttpExchange exchange, String text) throws IOException {
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            while (true) {
                out.write(text.getBytes(StandardCharsets.UTF_8));
                out.flush();
                Thread.sleep(5000);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
