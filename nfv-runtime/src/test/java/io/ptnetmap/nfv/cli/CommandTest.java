// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.api.ConfigurationException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.telemetry.ChainHealth;
import io.ptnetmap.nfv.telemetry.ChainHealth.FunctionState;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartState;
import io.ptnetmap.nfv.vm.Accelerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private FakeRun run;
    private int looksToEnd = 3;
    private long lost;
    private Optional<Instant> firstPacket = Optional.empty();
    private ChainHealth health = ChainHealth.NONE;

    @TempDir
    Path directory;

    private Path chain;

    @BeforeEach
    void write() throws IOException {
        chain = Files.writeString(
                directory.resolve("c.yaml"),
                "chain: c\nfunctions:\n  - {type: pcap-source, config: {file: a}}\n  - type: drain\n");
        Files.writeString(directory.resolve("out.pcap"), "");
    }

    private ChainRun fake(Chain launched, LaunchOptions options) {
        run = new FakeRun(launched, looksToEnd, lost);
        run.firstPacket = firstPacket;
        run.health = health;
        return run;
    }

    private int nfv(String... arguments) {
        return nfv(this::fake, arguments);
    }

    private int nfv(ChainLauncher launcher, String... arguments) {
        CommandLine command = new Main(launcher)
                .commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }

    @Test
    void aRunEndsWithASummaryThatAccountsForEveryPacket() {
        assertEquals(0, nfv("run", chain.toString()));
        assertEquals("", err.toString());
        assertEquals("""
                c 1.00 s: pcap-source 1,000 (1 kpps, 100 dropped), drain 900 (900 pps)
                c 2.00 s: pcap-source 2,000 (1 kpps, 200 dropped), drain 1,800 (900 pps)
                c 3.00 s: pcap-source 3,000 (1 kpps, 300 dropped), drain 2,700 (900 pps)

                c: 3,000 packets in 3.00 s
                  hop          where   received  created   sent  dropped  consumed  held  unaccounted
                  pcap-source  same/0         0    3,000  2,700      300         0     0            0
                  drain        same/0     2,700        0      0        0     2,700     0            0
                Drops
                  pcap-source  no-rule      300
                Conservation: received 0 + created 3,000 = sent 0 + dropped 300 + consumed 2,700 + held 0: every packet accounted for
                Report of drain
                """, out.toString().substring(0, out.toString().indexOf("Report of drain\n") + 16));
        assertTrue(out.toString().contains("  flows: 12,345\n"));
        assertTrue(out.toString().contains("Written\n  " + directory.resolve("out.pcap") + "\n"));
        assertTrue(out.toString().contains("  tshark -r " + directory.resolve("out.pcap") + "\n"));
        assertTrue(run.closed);
    }

    @Test
    void theSummaryTellsWhenTheFirstPacketArrived() {
        firstPacket = Optional.of(Instant.now());
        assertEquals(0, nfv("run", chain.toString()));
        assertTrue(
                Pattern.compile("c: 3,000 packets in 3.00 s; the first arrived [0-9.]+ m?s after the start of nfv\n")
                        .matcher(out.toString())
                        .find(),
                out::toString);
        out.getBuffer().setLength(0);
        assertEquals(0, nfv("run", chain.toString(), "--summary", "json"));
        double seconds = JsonMapper.shared()
                .readTree(out.toString())
                .get("secondsToFirstPacket")
                .asDouble();
        assertTrue(seconds > 0 && seconds < 3600, () -> "this process is younger: " + seconds);
    }

    @Test
    void whatHasFailedIsToldAndTheExitCodeSaysSo() {
        health = new ChainHealth(
                List.of(new ChainHealth.Function(
                        "drain",
                        "same",
                        FunctionState.QUARANTINED,
                        "closed",
                        10,
                        "function 'drain' failed: blocked",
                        Instant.EPOCH,
                        Optional.empty())),
                List.of(ChainHealth.Part.of(
                        ChainHealth.PartId.process("x"),
                        PartState.RUNNING,
                        2,
                        Instant.EPOCH,
                        List.of("killed by signal 9"))));
        assertEquals(1, nfv("run", chain.toString()));
        assertTrue(out.toString().contains("""
                Failures
                  10 failures, quarantined: function 'drain' failed: blocked
                  the process of function 'x': running, started again 2 times; killed by signal 9
                """), out::toString);
        out.getBuffer().setLength(0);
        assertEquals(1, nfv("run", chain.toString(), "--summary", "json"));
        JsonNode summary = JsonMapper.shared().readTree(out.toString());
        assertFalse(summary.get("complete").booleanValue());
        assertEquals("QUARANTINED", summary.at("/health/functions/0/state").asString());
        assertEquals(
                "1970-01-01T00:00:00Z", summary.at("/health/functions/0/since").asString());
    }

    @ParameterizedTest
    @CsvSource({"--tap=a..b, is no capture", "--tap==f, is no capture", "--trace-count=0 --trace=, a count of 0 packets"
    })
    void wrongWishesToSeePacketsAreUsageErrors(String options, String why) {
        List<String> arguments = new ArrayList<>(List.of("run", chain.toString()));
        arguments.addAll(List.of(options.split(" ")));
        assertEquals(2, nfv(arguments.toArray(String[]::new)));
        assertTrue(err.toString().contains(why), err::toString);
    }

    @Test
    void aProfileIsRecordedWhereTheUserWants() {
        Path recording = directory.resolve("x.jfr");
        assertEquals(0, nfv("run", "--profile=" + recording, chain.toString()), err::toString);
        assertTrue(out.toString().contains("Recorded\n  " + recording + "\n"), out::toString);
        assertTrue(Files.isRegularFile(recording));
        out.getBuffer().setLength(0);
        assertEquals(0, nfv("run", "--profile=" + recording, chain.toString(), "--summary", "json"));
        JsonNode profile = JsonMapper.shared().readTree(out.toString()).get("profile");
        assertEquals(recording.toString(), profile.at("/recordings/0").asString());
    }

    @Test
    void aProfileThatCannotBeWrittenIsRefused() {
        assertEquals(4, nfv("run", "--profile=" + directory.resolve("missing/x.jfr"), chain.toString()));
        assertTrue(err.toString().startsWith("nfv: cannot record to " + directory), err::toString);
        assertTrue(err.toString().endsWith("missing/x.jfr: no such file or directory\n"), err::toString);
        assertEquals(4, nfv("run", "--profile=" + directory, chain.toString()));
        assertTrue(err.toString().contains("is a directory"), err::toString);
    }

    @Test
    void theChainIsNoNameForAProfile() throws IOException {
        Path byDefault = Path.of("c.jfr");
        try {
            assertEquals(0, nfv("run", "--profile", chain.toString()), err::toString);
            assertTrue(Files.isRegularFile(byDefault), out::toString);
        } finally {
            Files.deleteIfExists(byDefault);
        }
    }

    @Test
    void lostPacketsFailTheRun() {
        lost = 2;
        assertEquals(1, nfv("run", chain.toString()));
        assertTrue(out.toString().contains(" != ") && out.toString().contains("2 packets unaccounted for"));
    }

    @Test
    void aFailedChainSaysSoAfterTheSummary() {
        looksToEnd = -1;
        assertEquals(1, nfv("run", chain.toString()));
        assertEquals("nfv: function 'x' failed: out of luck\n", err.toString());
        assertTrue(out.toString().contains("Conservation: "));
    }

    @Test
    void theSummaryIsJsonAloneWhereAskedFor() {
        assertEquals(0, nfv("run", chain.toString(), "--summary", "json"));
        JsonNode summary = JsonMapper.shared().readTree(out.toString());
        assertTrue(summary.get("complete").booleanValue());
        assertEquals(3000, summary.at("/conservation/created").asInt());
        assertEquals(300, summary.at("/hops/0/drops/no-rule").asInt());
        assertEquals(
                directory.resolve("out.pcap").toString(), summary.at("/files/0").asString());
    }

    @Test
    void aChainIsDrainedWhenItsTimeIsOver() {
        looksToEnd = Integer.MAX_VALUE;
        assertEquals(0, nfv("run", chain.toString(), "--duration", "20ms", "--no-live"));
        assertTrue(run.drained && run.closed);
        assertTrue(out.toString().startsWith("\nc: "));
    }

    @Test
    void virtualMachinesAreRunAsTheLineSays() throws IOException {
        Files.writeString(
                chain,
                "chain: c\nfunctions:\n  - {type: pcap-source, config: {file: a}}\n  - {type: drain, vm: box}\n");
        ChainLauncher launcher = (launched, options) -> {
            assertEquals(Set.of("box"), options.machines().consoles());
            assertEquals(Accelerator.Choice.TCG, options.machines().accelerator());
            assertEquals(Path.of("/my/qemu"), options.machines().installation().qemu());
            return fake(launched, options);
        };
        assertEquals(
                0,
                nfv(
                        launcher,
                        "run",
                        chain.toString(),
                        "--console",
                        "box",
                        "--accelerator",
                        "tcg",
                        "--qemu",
                        "/my/qemu"));
        assertTrue(out.toString().startsWith("starting virtual machines: box\n"), out::toString);
        assertEquals(2, nfv(launcher, "run", chain.toString(), "--console", "bax"));
        assertEquals("nfv: no virtual machine 'bax' in this chain; did you mean 'box'? known: box\n", err.toString());
        assertEquals(0, nfv("check", chain.toString()));
        assertTrue(out.toString().contains("drain (drain, vm box, worker 0)"), out::toString);
    }

    @Test
    void anotherCaptureReachesTheLauncher() {
        assertEquals(
                0,
                nfv(
                        (launched, options) -> {
                            assertEquals(Path.of("x.pcap"), options.pcap().orElseThrow());
                            assertTrue(launched.nodes()
                                    .getFirst()
                                    .config()
                                    .toString()
                                    .contains("/x.pcap"));
                            return fake(launched, options);
                        },
                        "run",
                        chain.toString(),
                        "--pcap",
                        "x.pcap"));
    }

    @Test
    void aFunctionsRefusalNamesItsPlace() {
        ChainLauncher refusing = (launched, options) -> {
            throw new NodeConfigurationException("pcap-source", new ConfigurationException("file", "no such file"));
        };
        assertEquals(3, nfv(refusing, "run", chain.toString()));
        assertEquals(chain + ":3:40: functions[0].config.file: no such file\n", err.toString());
    }

    @Test
    void theEnvironmentsFaultsHaveTheirExitCode() {
        ChainLauncher failing = (launched, options) -> {
            throw new ChainFailedException("no interface eth9", new LinuxException("REGISTER", 6));
        };
        assertEquals(4, nfv(failing, "run", chain.toString()));
        assertEquals("nfv: no interface eth9\n", err.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pas   |                              | 2 | nfv: unknown function 'pas'; did you mean 'pass'?
            pass  | {a: 1}                       | 3 | --config:1:1: function 'pass' has no configuration
            sieve | {limt: 1}                    | 3 | --config:1:2: limt
            sieve | [                            | 3 | [: no such file
            """)
    void whatCannotBeMeasuredIsExplainedAsInAChain(String function, String config, int exitCode, String message) {
        String[] line = config == null
                ? new String[] {"bench", "function", function}
                : new String[] {"bench", "function", function, "--config", config};
        assertEquals(exitCode, nfv(line), err::toString);
        assertTrue(err.toString().startsWith(message), err::toString);
    }

    @Test
    void wrongUsageAndWrongFilesAreOneLineEach() throws IOException {
        assertEquals(2, nfv("run"));
        assertEquals(2, nfv("run", chain.toString(), "--duration", "soon"));
        assertEquals(2, nfv("functions", "dran"));
        assertEquals(3, nfv("run", directory.resolve("none.yaml").toString()));
        assertEquals(
                3,
                nfv(
                        "run",
                        chain.toString(),
                        "--functions",
                        directory.resolve("no.jar").toString()));
        assertEquals(3, nfv("run", chain.toString(), "--functions", directory.toString()));
        Files.writeString(directory.resolve("no.jar"), "no jar");
        assertEquals(
                3,
                nfv(
                        "run",
                        chain.toString(),
                        "--functions",
                        directory.resolve("no.jar").toString()));
        String text = err.toString();
        assertTrue(text.contains("did you mean 'drain'?"), text);
        assertTrue(text.contains("none.yaml: no such file"), text);
        assertTrue(text.contains("no.jar: it does not exist"), text);
        assertTrue(text.contains("no functions in " + directory), text);
        assertTrue(text.contains("no.jar: it is no jar"), text);
        assertFalse(text.contains("\tat "), text);
        assertEquals(3, nfv("--debug", "run", directory.resolve("none.yaml").toString()));
        assertTrue(err.toString().contains("\tat "));
    }

    @Test
    void checkShowsTheChainOrItsMistakes() throws IOException {
        assertEquals(0, nfv("check", chain.toString()));
        assertEquals("""
                c: 2 elements
                  pcap-source (pcap-source, worker 0)
                  --auto,block,1024--> drain (drain, worker 0)
                """, out.toString());
        Files.writeString(chain, Files.readString(chain).replace("drain", "{type: sieve}"));
        assertEquals(3, nfv("check", chain.toString()));
        assertTrue(err.toString().contains(":4:11: functions[1].type: "), err.toString());
    }

    @Test
    void functionsAreListedAndExplained() {
        assertEquals(0, nfv("functions"));
        assertTrue(out.toString().matches("(?s).*\nwatch +middle, read-only +Looks at packets\n.*"), out.toString());
        assertEquals(0, nfv("functions", "sieve"));
        assertTrue(out.toString().contains("idle-timeout: duration, default 5m\n"), out.toString());
        assertTrue(out.toString().contains("otherwise: pass-on | let-fall, default pass-on\n"), out.toString());
        assertTrue(
                out.toString().contains("port: whole number, at least 0, at most 65535, default 0\n"), out.toString());
        assertEquals(0, nfv("schema", "pcap-source"));
        assertEquals(0, nfv("schema"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run", "demo", "check", "functions", "schema", "new-function", "completion"})
    void everyCommandExplainsItself(String command) {
        assertEquals(
                0,
                nfv(Stream.of(command, "--help").filter(word -> !word.isEmpty()).toArray(String[]::new)));
        assertTrue(out.toString().contains("Usage: nfv " + command), out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void aFunctionsProjectIsWritten() throws IOException {
        Path project = directory.resolve("p");
        assertEquals(
                0, nfv("new-function", "ttl-guard", "--package", "com.example.vnf", "--directory", project.toString()));
        List<String> expected = List.of(
                "README.md",
                "chain.yaml",
                "pom.xml",
                "src/main/java/com/example/vnf/TtlGuard.java",
                "src/main/java/com/example/vnf/TtlGuardConfig.java",
                "src/test/java/com/example/vnf/TtlGuardTest.java");
        try (Stream<Path> files = Files.walk(project)) {
            List<Path> written = files.filter(Files::isRegularFile).sorted().toList();
            assertEquals(
                    expected,
                    written.stream()
                            .map(file -> project.relativize(file).toString())
                            .toList());
            for (Path file : written) {
                assertFalse(
                        Files.readString(file).matches("(?s).*@(name|package|path|Class|version)@.*"), file.toString());
            }
        }
        assertEquals(4, nfv("new-function", "ttl-guard", "--directory", project.toString()));
        assertEquals(2, nfv("new-function", "Ttl Guard"));
        assertEquals(2, nfv("new-function", "x", "--package", "1.2"));
    }
}
