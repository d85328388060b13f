// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.Installed;
import io.ptnetmap.nfv.node.dashboard.TestNode;
import io.ptnetmap.nfv.node.metrics.OtlpReceiver.Key;
import io.ptnetmap.nfv.node.metrics.OtlpReceiver.Point;
import io.ptnetmap.nfv.node.model.Timing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Prometheus and collectors get of a node with chains, and what the documents say of it. */
class NodeMetricsTest {
    private static final String CHAIN = """
            chain: measured
            functions:
              - {name: source, type: dashboard-trickle, config: {rate: 5000}}
              - {name: odd, type: dashboard-hostile, worker: 1}
              - {name: sink, type: dashboard-take}
            """;
    private static final Map<String, String> ODD =
            Map.of("chain", "measured", "function", "dashboard-hostile", "instance", "odd");
    private static final Path DOCS = Path.of("../docs");

    @TempDir
    Path directory;

    private TestNode node;

    private void open() {
        node = TestNode.open(directory);
        node.apply("measured", CHAIN);
    }

    @AfterEach
    void close() {
        if (node != null) {
            node.close();
        }
    }

    private Exposition scrape() {
        return Exposition.read(node.ask("GET", "/metrics", "").body());
    }

    private JsonNode account(String function) {
        String statistics =
                node.ask("GET", "/v1/chains/measured/statistics", "").body();
        for (JsonNode one : JsonMapper.shared().readTree(statistics).get("functions")) {
            if (one.get("name").asString().equals(function)) {
                return one.get("account");
            }
        }
        throw new AssertionError(function + " is not in " + statistics);
    }

    @Test
    void metricsSayWhatTheStatisticsSay() throws InterruptedException {
        open();
        Thread.sleep(300);
        JsonNode before = account("odd");
        Exposition metrics = scrape();
        JsonNode after = account("odd");
        Map.of(
                        "nfv_packets_received_total", "received",
                        "nfv_bytes_received_total", "received-bytes",
                        "nfv_packets_sent_total", "sent",
                        "nfv_bytes_sent_total", "sent-bytes")
                .forEach((metric, field) -> {
                    double value = metrics.value(metric, ODD);
                    assertTrue(
                            value > 0
                                    && before.get(field).asLong() <= value
                                    && value <= after.get(field).asLong(),
                            () -> metric + " " + value + " is not between " + before + " and " + after);
                });
        double drops = metrics.value(
                "nfv_packets_dropped_total",
                Map.of("chain", "measured", "function", "dashboard-hostile", "instance", "odd", "reason", "tenth"));
        assertTrue(before.at("/drops/tenth").asLong() <= drops
                && drops <= after.at("/drops/tenth").asLong());
        assertEquals(1, metrics.value("nfv_chain_state", Map.of("chain", "measured", "state", "running")));
        assertEquals(0, metrics.value("nfv_chain_state", Map.of("chain", "measured", "state", "failed")));
        assertEquals(
                1,
                metrics.value(
                        "nfv_function_state",
                        Map.of(
                                "chain",
                                "measured",
                                "function",
                                "dashboard-hostile",
                                "instance",
                                "odd",
                                "state",
                                "running")));
        assertTrue(metrics.value("nfv_link_ring_slots", Map.of("chain", "measured", "link", "source..odd")) >= 4);
        assertEquals(
                1,
                metrics.value(
                        "nfv_changes_total", Map.of("chain", "measured", "action", "apply", "result", "succeeded")));
        assertTrue(metrics.names().containsAll(Set.of("jvm_memory_used_bytes", "process_cpu_seconds_total")));
    }

    @Test
    void summariesSayWhatTheStatisticsSay() throws InterruptedException {
        open();
        Map<String, String> link = Map.of("chain", "measured", "link", "source..odd", "direction", "forward");
        Exposition metrics = scrape();
        for (int i = 0; i < 100 && !metrics.names().contains("nfv_link_wait_seconds_count"); i++) {
            Thread.sleep(50);
            metrics = scrape();
        }
        long before = (long) metrics.value("nfv_link_wait_seconds_count", link);
        Thread.sleep(500);
        JsonNode wait = JsonMapper.shared()
                .readTree(node.ask("GET", "/v1/chains/measured/statistics", "").body())
                .at("/links/0/forward/wait-nanos");
        metrics = scrape();
        double count = metrics.value("nfv_link_wait_seconds_count", link);
        assertTrue(
                before > 0
                        && before < wait.get("samples").asLong()
                        && wait.get("samples").asLong() <= count,
                wait + ", " + count);
        assertTrue(
                metrics.value("nfv_link_wait_seconds_sum", link)
                        >= wait.get("sum").asLong() / 1e9,
                wait.toString());
        double last = 0;
        for (String quantile : List.of("0.5", "0.9", "0.99", "0.999", "1.0")) {
            Map<String, String> labels = new java.util.TreeMap<>(link);
            labels.put("quantile", quantile);
            double value = metrics.value("nfv_link_wait_seconds", labels);
            assertTrue(value >= last && value > 0 && value < 10, quantile + ": " + value + " after " + last);
            last = value;
        }
        for (String other :
                List.of("nfv_link_latency_seconds", "nfv_chain_latency_seconds", "nfv_function_batch_seconds")) {
            assertTrue(metrics.names().contains(other + "_sum"), other);
        }
    }

    @Test
    void linksCountBothDirections() throws InterruptedException {
        open();
        node.apply("there-and-back", """
                chain: there-and-back
                functions:
                  - {name: source, type: dashboard-trickle, config: {rate: 2000}}
                  - {name: bounce, type: dashboard-bounce, worker: 1}
                  - {name: sink, type: dashboard-take}
                """);
        Thread.sleep(300);
        node.ask("POST", "/v1/chains/there-and-back/stop", "", "prefer", "wait=30");
        Exposition metrics = scrape();
        double there = flow(metrics, "packets", "source..bounce", "forward");
        assertTrue(there > 100, "packets there: " + there);
        assertEquals(Math.floor(there / 2), flow(metrics, "packets", "source..bounce", "backward"));
        assertEquals(Math.ceil(there / 2), flow(metrics, "packets", "bounce..sink", "forward"));
        assertEquals(0, flow(metrics, "packets", "bounce..sink", "backward"));
        assertEquals(100 * there, flow(metrics, "bytes", "source..bounce", "forward"));
        assertEquals(100 * Math.floor(there / 2), flow(metrics, "bytes", "source..bounce", "backward"));
    }

    private static double flow(Exposition metrics, String what, String link, String direction) {
        return metrics.value(
                "nfv_link_" + what + "_total", Map.of("chain", "there-and-back", "link", link, "direction", direction));
    }

    @Test
    void countersGoOnWhereAChainIsStoppedAndStartedAgain() throws InterruptedException {
        open();
        Thread.sleep(200);
        node.ask("POST", "/v1/chains/measured/stop", "", "prefer", "wait=30");
        double before = scrape().value("nfv_packets_received_total", ODD);
        node.ask("POST", "/v1/chains/measured/start", "", "prefer", "wait=30");
        double earlier = before;
        for (int i = 0; i < 20; i++) {
            double now = scrape().value("nfv_packets_received_total", ODD);
            assertTrue(now >= earlier, now + " after " + earlier);
            earlier = now;
            Thread.sleep(20);
        }
        assertTrue(before > 0 && earlier > before, before + " then " + earlier);
    }

    @Test
    void seriesGoWithTheirChain() {
        open();
        assertTrue(scrape().values().keySet().stream()
                .anyMatch(series -> "measured".equals(series.labels().get("chain"))));
        node.ask("DELETE", "/v1/chains/measured", "", "prefer", "wait=30");
        assertFalse(scrape().values().keySet().stream()
                .anyMatch(series -> "measured".equals(series.labels().get("chain"))));
    }

    @Test
    void whoeverAsksForOpenMetricsGetsThem() {
        open();
        HttpResponse<String> plain = node.ask("GET", "/metrics", "");
        assertEquals(
                Optional.of("text/plain; version=0.0.4; charset=utf-8"),
                plain.headers().firstValue("content-type"));
        HttpResponse<String> open = node.ask(
                "GET", "/metrics", "", "accept", "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5");
        assertEquals(
                Optional.of("application/openmetrics-text; version=1.0.0; charset=utf-8"),
                open.headers().firstValue("content-type"));
        assertTrue(open.body().endsWith("# EOF\n"), "end");
        assertTrue(open.body().contains("# TYPE nfv_packets_received counter"), "type");
        assertTrue(open.body().contains("# UNIT nfv_link_wait_seconds seconds"), "unit");
        assertEquals(1, open.body().lines().filter("# EOF"::equals).count());
    }

    @Test
    void whoeverHasNoTokenGetsNothing() throws Exception {
        open();
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(node.at("/metrics")).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(401, answer.statusCode());
    }

    @Test
    void promtoolHasNothingToSay() throws Exception {
        Path promtool = Installed.command("promtool");
        open();
        Path file = Files.writeString(
                directory.resolve("metrics.txt"),
                node.ask("GET", "/metrics", "").body());
        assertEquals("", run(file, promtool.toString(), "check", "metrics"));
    }

    @Test
    void aCollectorGetsTheSameByOtlp() throws Exception {
        try (OtlpReceiver receiver = new OtlpReceiver()) {
            node = TestNode.open(directory, new OtlpExport(receiver.address(), Duration.ofSeconds(1), Map.of()));
            node.apply("measured", CHAIN);
            Key received = new Key("nfv.packets.received", ODD);
            Point point = null;
            for (int i = 0; i < 10 && (point == null || point.value() == 0); i++) {
                Map<Key, Point> export = receiver.exports().poll(10, TimeUnit.SECONDS);
                assertNotNull(export, "nothing came");
                point = export.get(received);
            }
            assertNotNull(point, "no " + received);
            assertTrue(point.monotonic(), "a sum that only grows, counted from the beginning");
            assertTrue(
                    point.value() > 0
                            && point.value() <= account("odd").get("received").asLong(),
                    point.toString());
            Map<Key, Point> next = receiver.exports().poll(10, TimeUnit.SECONDS);
            assertNotNull(next, "only one export came");
            assertTrue(next.get(received).value() >= point.value(), next.get(received) + " after " + point);
            Point wait = next.get(new Key(
                    "nfv.link.wait",
                    Map.of("chain", "measured", "link", "source..odd", "direction", "forward", "quantile", "0.5")));
            assertTrue(wait.value() > 0 && wait.value() < 10 && !wait.monotonic(), wait.toString());
            Point slots = next.get(new Key("nfv.link.ring.slots", Map.of("chain", "measured", "link", "source..odd")));
            assertTrue(slots.value() >= 4 && !slots.monotonic(), slots.toString());
        }
    }

    @Test
    void whatNoCollectorCanBeAtIsRefused() {
        for (String wrong : List.of("ftp://127.0.0.1", "127.0.0.1:4318", "http:///x")) {
            org.junit.jupiter.api.Assertions.assertThrows(
                    IllegalArgumentException.class, () -> OtlpExport.to(URI.create(wrong)), wrong);
        }
        assertEquals(
                "http://h:1/v1/metrics", OtlpExport.to(URI.create("http://h:1")).url());
        assertEquals(
                "http://h:1/v1/metrics",
                OtlpExport.to(URI.create("http://h:1/")).url());
        assertEquals(
                "http://h:1/x/y", OtlpExport.to(URI.create("http://h:1/x/y")).url());
    }

    @Test
    void seriesThatAreTooManyAreLeftOutAndCounted() {
        Readings readings = new Readings(2);
        for (int reading = 0; reading < 2; reading++) {
            readings.begin();
            for (String chain : List.of("a", "b", "c", "d")) {
                readings.node().of(chain).set(Metric.PACKETS_HELD, 1);
            }
            readings.node().of("a").set(Metric.PACKETS_HELD, 5);
            readings.node().of("d").of("x").set(Metric.CHAIN_LATENCY, new Timing(1, 1, Optional.empty()));
            readings.node().setOwn(Metric.SERIES_OMITTED, readings.omitted());
            readings.end();
            assertEquals(
                    Map.of(
                            new Readings.Series(Metric.PACKETS_HELD, List.of("a")), 5.0,
                            new Readings.Series(Metric.PACKETS_HELD, List.of("b")), 1.0,
                            new Readings.Series(Metric.SERIES_OMITTED, List.of()), 9.0),
                    readings.values());
        }
    }

    @Test
    void aCounterNeverFallsAndAGaugeDoes() {
        io.micrometer.core.instrument.simple.SimpleMeterRegistry registry =
                new io.micrometer.core.instrument.simple.SimpleMeterRegistry();
        Meters meters = new Meters(registry);
        Readings readings = new Readings(10);
        for (double value : new double[] {7, 5}) {
            readings.begin();
            readings.node().of("a").set(Metric.PROCESS_RESTARTS, value);
            readings.node().of("a").set(Metric.PACKETS_HELD, value);
            readings.end();
            meters.update(readings.values());
        }
        assertEquals(7, registry.get("nfv.process.restarts").functionCounter().count());
        assertEquals(5, registry.get("nfv.packets.held").gauge().value());
        readings.begin();
        readings.end();
        meters.update(readings.values());
        assertEquals(List.of(), registry.getMeters());
    }

    @Test
    void theTextHasWhatIsThereNowAndNoCounterFalls() {
        Readings readings = new Readings(100);
        assertEquals("", written(readings));
        for (long value : new long[] {7, 5}) {
            readings.begin();
            Readings.Scope a = readings.node().of("a");
            a.set(Metric.PROCESS_RESTARTS, value);
            a.set(Metric.PACKETS_HELD, value + 0.5);
            readings.node().of("\"b\\\n").set(Metric.PACKETS_HELD, 1);
            readings.node().setOwn(Metric.SERIES_OMITTED, 0);
            a.of("x").set(Metric.CHAIN_LATENCY, new Timing(value, value * 1_000_000_000, Optional.empty()));
            readings.end();
        }
        assertEquals("""
                # HELP nfv_process_restarts_total Processes of a chain that died and were started again
                # TYPE nfv_process_restarts_total counter
                nfv_process_restarts_total{chain="a"} 7
                # HELP nfv_packets_held Packets in a chain that have no verdict yet
                # TYPE nfv_packets_held gauge
                nfv_packets_held{chain="a"} 5.5
                nfv_packets_held{chain="\\"b\\\\\\n"} 1
                # HELP nfv_metrics_series_omitted Series that are not shown since there are too many; 0 unless something is wrong
                # TYPE nfv_metrics_series_omitted gauge
                nfv_metrics_series_omitted 0
                # HELP nfv_chain_latency_seconds Time of sampled packets through a chain, its last function included
                # TYPE nfv_chain_latency_seconds summary
                nfv_chain_latency_seconds_count{chain="a",direction="x"} 7
                nfv_chain_latency_seconds_sum{chain="a",direction="x"} 7
                """, written(readings));
        readings.begin();
        readings.end();
        assertEquals("", written(readings));
    }

    private static String written(Readings readings) {
        StringBuilder text = new StringBuilder();
        SeriesText.append(text, readings, false);
        return text.toString();
    }

    // --- Documents
    // ---------------------------------------------------------------------------------------------------

    @Test
    void theDocumentListsWhatThereIs() throws IOException {
        String table = Arrays.stream(Metric.values())
                .map(metric -> "| `" + metric.prometheusName() + "` | "
                        + metric.type() + " | "
                        + metric.labels().stream()
                                .map(label -> "`" + label + "`")
                                .collect(Collectors.joining(", "))
                        + " | " + metric.description() + " |")
                .collect(Collectors.joining("\n"));
        String document = Files.readString(DOCS.resolve("metrics.md"));
        assertTrue(document.contains(table), () -> "docs/metrics.md must have this table:\n" + table);
    }

    @Test
    void namesFollowTheRules() {
        for (Metric metric : Metric.values()) {
            assertTrue(metric.prometheusName().matches("nfv_[a-z_]+"), metric.prometheusName());
            assertFalse(
                    metric.prometheusName().matches(".*_(created|bucket|info|sum|count)(_total)?"),
                    metric.prometheusName());
            assertTrue(metric.labels().size() <= 4, metric.labels().toString());
        }
    }

    private static List<String> queriesOfTheGrafanaDashboard() throws IOException {
        JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(DOCS.resolve("grafana-dashboard.json")));
        return Stream.concat(
                        dashboard.findValuesAsString("expr").stream(),
                        dashboard.at("/templating/list").findValuesAsString("query").stream()
                                .filter(query -> query.startsWith("label_values("))
                                .map(query -> query.replaceAll("label_values\\((.*), \\w+\\)", "$1")))
                .map(query -> query.replace("$chain", "measured").replace("$__rate_interval", "1m"))
                .toList();
    }

    @Test
    void theGrafanaDashboardAsksForNothingThatIsNotThere() throws IOException {
        open();
        Set<String> names = new TreeSet<>(scrape().names());
        Map<String, Metric> known =
                Arrays.stream(Metric.values()).collect(Collectors.toMap(Metric::prometheusName, metric -> metric));
        names.addAll(known.keySet());
        List<String> queries = queriesOfTheGrafanaDashboard();
        assertTrue(queries.size() >= 10, queries.toString());
        for (String query : queries) {
            Matcher name = Pattern.compile("\\b(?:nfv|jvm|process)_[a-z_]+\\b").matcher(query);
            assertTrue(name.find(), query);
            do {
                assertTrue(names.contains(name.group()), name.group() + " in " + query);
            } while (name.find());
            Matcher label =
                    Pattern.compile("([a-z_]+)\\s*=~?\"|by \\(([a-z_, ]+)\\)").matcher(query);
            while (label.find()) {
                String used = label.group(1) == null ? label.group(2) : label.group(1);
                Set<String> allowed = known.entrySet().stream()
                        .filter(metric -> query.contains(metric.getKey()))
                        .flatMap(metric -> Stream.concat(
                                metric.getValue().labels().stream(),
                                metric.getValue().kind() == Metric.Kind.SUMMARY
                                        ? Stream.of(Metric.QUANTILE)
                                        : Stream.of()))
                        .collect(Collectors.toSet());
                for (String one : used.split(",\\s*")) {
                    assertTrue(allowed.contains(one), one + " in " + query);
                }
            }
        }
    }

    @Test
    void prometheusUnderstandsTheQueriesOfTheGrafanaDashboard() throws Exception {
        Path promtool = Installed.command("promtool");
        List<String> queries = queriesOfTheGrafanaDashboard();
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        for (int i = 0; i < queries.size(); i++) {
            rules.append("  - record: query:").append(i).append("\n    expr: '");
            rules.append(queries.get(i).replace("'", "''")).append("'\n");
        }
        Path file = Files.writeString(directory.resolve("rules.yml"), rules);
        String said = run(Path.of("/dev/null"), promtool.toString(), "check", "rules", file.toString());
        assertTrue(said.contains("SUCCESS: " + queries.size() + " rules found"), said);
    }

    /** Runs a program that must succeed; what it says. */
    private static String run(Path input, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }
}
