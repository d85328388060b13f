// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.nfv.node.model.ChainDetails;
import io.ptnetmap.nfv.node.model.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** Each command of a node's client, against a node of its own. */
class NodeCommandsTest {
    private static final String CHAIN = """
            chain: edge
            functions:
              - type: trickle
              # A remark that a node keeps.
              - {type: gate, config: {open: true, label: {a: b, c: d}}}
              - type: checking-sink
            """;

    @TempDir
    private static Path directory;

    private static NodeProcess node;
    private static Path chain;

    @BeforeAll
    static void start() throws IOException {
        node = NodeProcess.start(directory.resolve("state"));
        chain = Files.writeString(directory.resolve("edge.yaml"), CHAIN);
    }

    @AfterAll
    static void end() throws InterruptedException {
        node.end();
    }

    @BeforeEach
    void apply() {
        assertEquals("""
                edge: created, revision 1
                  add  trickle        function of type trickle
                  add  gate           function of type gate
                  add  checking-sink  function of type checking-sink
                """, succeed("apply", "-f", chain.toString()));
    }

    @AfterEach
    void delete() {
        for (String name : succeed("get", "chains", "-o", "name").lines().toList()) {
            succeed("delete", "chain", name.replace("chain/", ""));
        }
    }

    private static String succeed(String... arguments) {
        CommandOutcome outcome = node.nfv(arguments);
        assertEquals("", outcome.err());
        assertEquals(0, outcome.exitCode(), outcome::out);
        return outcome.out();
    }

    private static String fail(int exitCode, String... arguments) {
        CommandOutcome outcome = node.nfv(arguments);
        assertEquals(exitCode, outcome.exitCode(), () -> outcome.out() + outcome.err());
        return outcome.err();
    }

    private static void assertMatches(String pattern, String text) {
        assertTrue(
                Pattern.compile(pattern, Pattern.MULTILINE).matcher(text).find(), () -> text + "\nhas no " + pattern);
    }

    @Test
    void chainsAreListedInEachForm() {
        assertMatches(
                "^NAME  STATE    REVISION  FUNCTIONS +UP\nedge  running         1          3  \\d+s$",
                succeed("get", "chains"));
        assertMatches("trickle > gate > checking-sink", succeed("get", "chain", "-o", "wide"));
        assertEquals("chain/edge\n", succeed("get", "chains", "edge", "-o", "name"));
        assertEquals(CHAIN, succeed("get", "chain", "edge", "-o", "yaml"));
        ChainDetails details = Json.read(succeed("get", "chain", "edge", "-o", "json"), ChainDetails.class);
        assertEquals("edge", details.name());
        assertEquals(3, details.descriptor().get("functions").size());
        assertMatches("^- name: edge\n  revision: 1\n", succeed("get", "chains", "-o", "yaml"));
    }

    @Test
    void whatBelongsToChainsIsListedWithThem() {
        assertMatches(
                "^CHAIN  NAME           TYPE           STATE    WHERE +PACKETS  DROPPED\nedge   trickle        trickle        running  same/0 +[0-9,]+        0$",
                succeed("get", "functions"));
        assertMatches("^edge   trickle..gate +call ", succeed("get", "links", "--chain", "edge"));
        assertEquals("function/edge/gate\n", succeed("get", "function", "edge/gate", "-o", "name"));
        assertMatches("^NAME  CHAIN  FUNCTION  PACKETS  DROPPED\n$", succeed("get", "ports"));
        assertMatches(
                "^NAME +KIND  DRIVER    CHAINS  FUNCTIONS +UP\n.* host  embedded       1          3 ",
                succeed("get", "nodes"));
        assertMatches("^\\d+ +apply +edge +succeeded +\\d+s +[0-9.]+ [nµm]?s$", succeed("get", "operations"));
        assertMatches("^gate +middle +Lets packets pass, or not$", succeed("get", "types"));
        JsonNode type = Json.read(succeed("get", "type", "gate", "-o", "json"), JsonNode.class);
        assertTrue(type.at("/schema/properties").has("open"), type::toString);
    }

    @Test
    void whatThereIsNotIsSaidWithWhatThereIs() {
        assertEquals(
                "nfv: there is no chain 'egde'; did you mean 'edge'? known: edge\n", fail(1, "get", "chain", "egde"));
        assertTrue(fail(2, "get", "chans").startsWith("nfv: there is no kind 'chans'; did you mean 'chains'?"));
        assertTrue(fail(2, "get", "chian").startsWith("nfv: there is no kind 'chian'; did you mean 'chains'?"));
        assertMatches(
                "^nfv: there is no function 'edge/gat'; did you mean 'edge/gate'\\? known: edge/trickle, ",
                fail(1, "get", "function", "edge/gat"));
        for (String command : List.of("events", "logs")) {
            CommandOutcome outcome = node.nfv(command, "egde");
            assertEquals(0, outcome.exitCode());
            assertEquals("", outcome.out());
            assertEquals("nfv: there is no chain 'egde' at present; did you mean 'edge'? known: edge\n", outcome.err());
        }
        assertEquals("nfv: no chain is named 'x'\n", fail(1, "stop", "x"));
        for (String command : List.of("stop", "delete", "trace")) {
            assertEquals("nfv: no chain is named 'egde'; did you mean 'edge'?\n", fail(1, command, "egde"));
        }
        assertMatches("there is no link 'a..b'; known: ", fail(1, "tap", "a..b"));
    }

    @Test
    void aChainIsDescribed() {
        String text = succeed("describe", "chain", "edge");
        assertMatches("^Chain:     edge\nState:     running, desired: running\nRevision:  1, version \"", text);
        assertMatches("^  gate +running +same/0 +[0-9,]+ +0 +[0-9,]+ +0 +0$", text);
        assertMatches("^  trickle..gate  +call", text);
        assertMatches("^Latency\n  last 5 to 10 s +p50 +p90 +p99 +p99.9 +max +samples\n", text);
        assertMatches("^  through the chain +[0-9.]+ [nµm]?s +.* +[0-9,]+$", text);
        assertMatches("^  batch in gate +[0-9.]+ [nµm]?s ", text);
        assertMatches("^Conservation: received 0 \\+ created [0-9,]+ = .*: every packet accounted for$", text);
        assertMatches("^  [-0-9]+ [0-9:.]+  chain-accepted +edge  revision 1$", text);
        assertMatches("  edge  action apply, .*operation \\d+, state succeeded$", text);
    }

    @Test
    void aFunctionIsDescribedWithItsConfigurationAndReport() {
        String text = succeed("describe", "function", "gate");
        assertMatches("^Type:      gate$", text);
        assertMatches("^Configuration\n  open: true\n  label:\n    a: b\n    c: d\nReport\n  open  true$", text);
    }

    @Test
    void aLinkIsDescribedWithWhatHasComeOverItAndForHowLongItWaits() throws Exception {
        Path pipes = Files.writeString(
                directory.resolve("pipes.yaml"), CHAIN.replace("chain: edge", "chain: pipes\nlink: {type: pipe}"));
        succeed("apply", "-f", pipes.toString());
        // Until a packet was timed.
        String text = succeed("describe", "link", "pipes/trickle..gate");
        while (!text.contains("Latency")) {
            TimeUnit.MILLISECONDS.sleep(50);
            text = succeed("describe", "link", "pipes/trickle..gate");
        }
        assertMatches(
                "^Link:      trickle..gate\nChain:     pipes\nFrom:      trickle\nTo:        gate\nAsked for: pipe\nKind:      pipe, zero-copy\n",
                text);
        assertMatches("^When full: block\nUsed: +\\[[-#]{8}] \\d+/\\d+\nPackets\n  to +packets +bytes\n", text);
        assertMatches("^  gate +[1-9][0-9,]* +[1-9][0-9,]*\n  trickle +0 +0$", text);
        assertMatches("^  on the link, to gate +[0-9.]+ [nµm]?s ", text);
        String call = succeed("describe", "link", "edge/trickle..gate");
        assertMatches("^Kind:      call", call);
        assertFalse(call.contains("Used") || call.contains("Latency"), call);
    }

    @Test
    void allElseIsDescribedInTheSameShape() throws IOException {
        Path ports = Files.writeString(
                directory.resolve("ports.yaml"),
                "chain: ports\nfunctions:\n  - {type: trickle}\n  - {port: 'netmap:described{1'}\n");
        succeed("apply", "-f", ports.toString());
        assertMatches(
                "^Port:      netmap:described\\{1\nChain:     ports\nFunction:  .*\n(?s:.*)^Functions\n  function +state ",
                succeed("describe", "port", "netmap:described{1"));
        String name = succeed("get", "nodes", "-o", "name").strip().replace("node/", "");
        assertMatches(
                "^Node:      .*\nKind:      host\nVersion:   .*\nDriver:    embedded\nCPUs:      \\d+\nChains:    2\nFunctions: 5\nStarted:   .* ago\\)\n$",
                succeed("describe", "node", name));
        assertMatches(
                "^Type:      gate\nDoes:      Lets packets pass, or not\nPlace:     middle\nState:     .*\nConfiguration, under 'config:'\n  open: (?s:.*)^Example\n  - type: gate$",
                succeed("describe", "type", "gate"));
        String operation = succeed("get", "operations", "-c", "ports", "-o", "name")
                .lines()
                .findFirst()
                .orElseThrow()
                .replace("operation/", "");
        assertEquals(
                succeed("describe", "operation", operation),
                succeed("describe", "operation", operation.replaceFirst("^0+", "")));
        assertMatches(
                "^Operation: " + operation
                        + "\nAction:    apply\nChain:     ports\nState:     succeeded\nCreated: (?s:.*)^Change\n  ports: created, revision 1\n    add  trickle ",
                succeed("describe", "operation", operation));
    }

    @Test
    void configurationsAreSetWhilePacketsFlow() throws Exception {
        assertMatches("^edge: configured, revision 2", succeed("set", "edge/gate.open=false"));
        assertMatches("^  open: false$", succeed("describe", "function", "gate"));
        assertMatches(
                "^edge: configured, revision 3", succeed("set", "gate", "label.a=null", "label.e=f", "open=true"));
        assertMatches("^  open: true\n  label:\n    c: d\n    e: f$", succeed("describe", "function", "gate"));
        Path label = Files.writeString(directory.resolve("label.yaml"), "{e: null, g: h}");
        succeed("set", "gate.label=@" + label);
        assertMatches("^  label:\n    c: d\n    g: h$", succeed("describe", "function", "gate"));
    }

    @Test
    void whatIsSoAlreadyIsNotChanged() {
        String version = revision();
        assertEquals("edge: unchanged, revision 1\n", succeed("set", "gate", "open=true", "label.c=d"));
        assertEquals("edge: unchanged, revision 1\n", succeed("apply", "-f", chain.toString()));
        assertEquals(version, revision());
        assertEquals(CHAIN, succeed("get", "chain", "edge", "-o", "yaml"), "remarks, too");
    }

    /** With the version that belongs to it. */
    private static String revision() {
        return succeed("describe", "chain", "edge")
                .lines()
                .filter(line -> line.startsWith("Revision:"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatCannotBeSetIsRefused() {
        assertMatches("^nfv: 'gate' is no assignment; write gate FIELD=VALUE$", fail(2, "set", "gate"));
        assertMatches("names no field; write FUNCTION.FIELD=VALUE$", fail(2, "set", "gate=1"));
        assertMatches("^nfv: there is no function 'gat'; did you mean 'gate'", fail(1, "set", "gat", "open=true"));
        assertMatches("^nfv: .*opn.*did you mean 'open'", fail(1, "set", "gate", "opn=true"));
        assertMatches("missing.yaml: cannot be read", fail(2, "set", "gate.label=@missing.yaml"));
        assertMatches("is no YAML: ", fail(2, "set", "gate.label=[1"));
    }

    @Test
    void aFunctionOfSeveralChainsNeedsItsChain() throws IOException {
        Path other = Files.writeString(directory.resolve("other.yaml"), CHAIN.replace("chain: edge", "chain: other"));
        succeed("apply", "-f", other.toString(), "--no-start");
        assertEquals(
                "nfv: several chains have a function 'gate': write edge/gate or other/gate\n",
                fail(1, "set", "gate", "open=false"));
        assertMatches("^other: configured", succeed("set", "-c", "other", "gate", "open=false"));
        assertMatches("^other  stopped ", succeed("get", "chains"));
    }

    @Test
    void mistakesInAChainHaveTheirPlaceInTheFile() throws IOException {
        Path bad = Files.writeString(directory.resolve("bad.yaml"), CHAIN.replace("open: true, ", ""));
        assertMatches(
                "^" + Pattern.quote(bad.toString()) + ":5:26: functions\\[1\\].config.open: is missing; add it",
                fail(3, "apply", "-f", bad.toString()));
        Path nameless = Files.writeString(directory.resolve("nameless.yaml"), "functions: []\n");
        assertMatches(
                "^" + Pattern.quote(nameless.toString()) + ":1:1: .*chain",
                fail(3, "apply", "-f", nameless.toString()));
        assertEquals(
                directory.resolve("none.yaml") + ": no such file\n",
                fail(3, "apply", "-f", directory.resolve("none.yaml").toString()));
    }

    @Test
    void aChainIsChangedOnlyIfItIsStillTheSame() {
        assertMatches(
                "another version|changed since|version",
                fail(1, "apply", "-f", chain.toString(), "--if-version", "\"0-x\""));
    }

    @Test
    void changesNeedNotBeWaitedFor() {
        assertMatches(
                "^edge: to be stopped, revision 1; 'nfv get operation \\d+' tells how far it is$",
                succeed("stop", "edge", "--no-wait"));
    }

    @Test
    void chainsAreStoppedAndStarted() {
        assertEquals("edge: stopped, revision 1\n", succeed("stop", "edge"));
        assertMatches("^edge  stopped         1          3   -$", succeed("get", "chains"));
        assertEquals("edge: started, revision 1\n", succeed("start", "edge"));
        assertMatches("^edge  running ", succeed("get", "chains"));
    }

    @Test
    void namesMayHaveDots() throws IOException {
        Path file = Files.writeString(
                directory.resolve("dotted.yaml"),
                "chain: v1.edge_2-x\nfunctions: [{name: in.1, type: trickle}, {type: checking-sink}]\n");
        assertMatches("^v1\\.edge_2-x: created, revision 1$", succeed("apply", file.toString()));
        assertMatches(
                "^Link: +in\\.1\\.\\.checking-sink$", succeed("describe", "link", "v1.edge_2-x/in.1..checking-sink"));
        succeed("delete", "v1.edge_2-x");
    }

    @Test
    void theOnlyThingOfAKindNeedNotBeNamed() {
        assertMatches("^Node: +", succeed("describe", "node"));
        assertMatches("^Chain: +edge$", succeed("describe", "chain"));
        assertMatches("there are 3 functions: name one of edge/trickle, edge/gate, ", fail(1, "describe", "function"));
    }

    @Test
    void operationsKeepTheirZerosInYaml() {
        assertMatches("^- id: ['\"]0+\\d+['\"]$", succeed("get", "operations", "-o", "yaml"));
    }

    @Test
    void eventsAreToldByTheLineOrAsJson() {
        String text = succeed("events", "edge");
        assertMatches("^[-0-9]{10} [0-9:.]{12}  chain-accepted        edge  ", text);
        List<JsonNode> events = succeed("events", "-o", "json")
                .lines()
                .map(line -> Json.read(line, JsonNode.class))
                .toList();
        assertEquals("node-started", events.getFirst().get("type").asString());
        String last = events.getLast().get("id").asString();
        assertEquals("", succeed("events", "--since", last));
    }

    @Test
    void topIsLinesWhereThereIsNoTerminal() {
        List<String> lines =
                succeed("top", "-n", "2", "--interval", "200ms").lines().toList();
        assertEquals(2, lines.size(), lines::toString);
        assertMatches("^edge [0-9.]+ m?s: trickle [0-9,]+ \\([0-9.]+ k?pps\\), gate [0-9,]+ \\(", lines.getLast());
        assertMatches("write a time from 100ms", fail(2, "top", "-d", "1ms"));
        assertMatches("there is no chain 'x'", fail(1, "top", "x"));
    }

    @Test
    void topSaysWhyThereAreNoLines() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new Main((_, _) -> {
                    throw new AssertionError("nothing is to be run");
                })
                .commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true));
        FutureTask<Integer> top = new FutureTask<>(() -> line.execute(
                "top",
                "-n",
                "5",
                "-d",
                "100ms",
                "--node",
                node.address(),
                "--token-file",
                node.token().toString()));
        delete();
        Thread.ofVirtual().start(top);
        while (!err.toString().contains("\n")) {
            assertFalse(top.isDone(), out::toString);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        apply();
        assertEquals(0, top.get(30, TimeUnit.SECONDS));
        assertEquals("nfv: no chains so far; nfv apply -f FILE creates one\n", err.toString());
        assertEquals(5, out.toString().lines().count(), out::toString);
    }

    @Test
    void theDashboardsAddressHasTheToken() throws IOException {
        assertEquals(
                node.address() + "/#token=" + Files.readString(node.token()).strip() + "\n", succeed("dashboard"));
    }

    @Test
    void whoMayNotIsToldSo() throws IOException {
        Path token = Files.writeString(directory.resolve("wrong.token"), "nfv_wrong\n");
        CommandOutcome outcome =
                CommandOutcome.of("get", "chains", "--node", node.address(), "--token-file", token.toString());
        assertEquals(4, outcome.exitCode(), outcome::err);
        assertEquals(
                "nfv: the token is unknown or expired; name a file that holds a valid one by --token-file or NFV_TOKEN_FILE\n",
                outcome.err());
        Path empty = Files.writeString(directory.resolve("empty.token"), "\n");
        outcome = CommandOutcome.of("get", "chains", "--node", node.address(), "--token-file", empty.toString());
        assertEquals(4, outcome.exitCode(), outcome::err);
        assertEquals("nfv: cannot read the token file " + empty + ": it is empty\n", outcome.err());
    }

    @Test
    void whereNoNodeIsItIsSaid() {
        CommandOutcome outcome = CommandOutcome.of("get", "chains", "--node", "http://127.0.0.1:1");
        assertEquals(4, outcome.exitCode(), outcome::err);
        assertEquals(
                "nfv: no node answers at http://127.0.0.1:1: connection refused; start one by 'nfv node', or name another"
                        + " one's address\n",
                outcome.err());
        outcome = CommandOutcome.of("get", "chains", "--node", "http://no-such-host.invalid:1");
        assertEquals(4, outcome.exitCode(), outcome::err);
        assertMatches("^nfv: no node answers at .*: no host of that name is known$", outcome.err());
        outcome = CommandOutcome.of("get", "chains", "--node", "127.0.0.1:8470");
        assertEquals(2, outcome.exitCode(), outcome::err);
        assertMatches("^nfv: '127.0.0.1:8470' is no address of a node; write http://HOST:PORT", outcome.err());
        outcome = CommandOutcome.of("get", "chains", "--node", "here");
        assertEquals(2, outcome.exitCode(), outcome::err);
        assertMatches("^nfv: 'here' is no address of a node; write http://HOST:PORT", outcome.err());
        outcome = CommandOutcome.of("get", "chains", "--token-file", "/missing/token");
        assertEquals(4, outcome.exitCode(), outcome::err);
        assertMatches("^nfv: cannot read the token file /missing/token", outcome.err());
    }
}
