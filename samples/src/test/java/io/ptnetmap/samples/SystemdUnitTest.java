// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit of docs/node.md, run by a real systemd as process 1 of a container that sees this machine's files. */
class SystemdUnitTest {
    private static final Path UNIT = Path.of("../host-setup/systemd/ptnetmap-node.service")
            .toAbsolutePath()
            .normalize();
    private static final String SERVICE = "ptnetmap-node";
    private static final String NODE = "unix:/run/ptnetmap-node/ptnetmap/node.sock";
    private static final Path JAVA = Path.of("/opt/jdk");
    private static final Path DISTRIBUTION = Path.of("/opt/distribution");
    /** Enough for a small chain. */
    private static final long HUGE_PAGES = 256;
    /** Of the unit's watchdog and of its restarts, in this test. */
    private static final String QUICKLY = "[Service]\nWatchdogSec=4s\n";

    @TempDir
    private static Path directory;

    private static Process container;
    private static long systemd;

    @BeforeAll
    static void boot() throws IOException, InterruptedException {
        Tools.needRoot();
        Tools.need("systemd-nspawn", "systemd-analyze", "unshare", "nsenter", "curl");
        Path nfv = Files.createDirectories(directory.resolve("opt"));
        InstalledNfv.into(nfv, JAVA, DISTRIBUTION);
        Path root = Files.createDirectory(directory.resolve("machine"));
        container = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "bash",
                        script().toString(),
                        root.toString(),
                        "--bind-ro=" + nfv + ":/opt/ptnetmap",
                        "--bind-ro=" + System.getProperty("java.home") + ":" + JAVA,
                        "--bind-ro=" + InstalledNfv.DISTRIBUTION + ":" + DISTRIBUTION,
                        "--bind-ro=" + UNIT + ":/etc/systemd/system/" + UNIT.getFileName())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("console").toFile())
                .start();
        systemd = firstProcess();
        for (int i = 0; run("systemctl", "is-system-running").exitCode() != 0 && i < 300; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        inside("mkdir -p /run/systemd/system/" + SERVICE + ".service.d");
        write("/run/systemd/system/" + SERVICE + ".service.d/test.conf", QUICKLY);
        inside("systemctl daemon-reload");
    }

    private static Path script() throws IOException {
        Path file = directory.resolve("boot-systemd.sh");
        try (InputStream in = SystemdUnitTest.class.getResourceAsStream("boot-systemd.sh")) {
            Files.copy(in, file);
        }
        return file;
    }

    private static long firstProcess() throws IOException, InterruptedException {
        for (int i = 0; i < 300 && container.isAlive(); i++) {
            Optional<ProcessHandle> found = container
                    .descendants()
                    .filter(process -> process.info().command().orElse("").endsWith("/systemd"))
                    .findFirst();
            if (found.isPresent()) {
                return found.get().pid();
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("systemd does not start: " + Files.readString(directory.resolve("console")));
    }

    /** The container ends with its first process, and its script then cleans up. */
    @AfterAll
    static void halt() throws InterruptedException {
        ProcessHandle.of(systemd).filter(_ -> systemd > 0).ifPresent(ProcessHandle::destroyForcibly);
        if (container != null && !container.waitFor(20, TimeUnit.SECONDS)) {
            container.destroyForcibly().waitFor();
        }
    }

    @BeforeEach
    void startService() throws IOException, InterruptedException {
        inside("systemctl reset-failed");
        inside("systemctl start " + SERVICE);
    }

    // --- In the container ------------------------------------------------------------------------------------

    private static Nfv.Result run(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("nsenter", "--all", "--target", Long.toString(systemd)));
        line.addAll(List.of(command));
        return Nfv.await(new ProcessBuilder(line), Duration.ofSeconds(60));
    }

    /** Runs a shell's line that must succeed; what it prints. */
    private static String inside(String line) throws IOException, InterruptedException {
        Nfv.Result result = run("bash", "-c", line);
        assertEquals(
                0,
                result.exitCode(),
                () -> line + ": " + result.text() + String.join("\n", result.err()) + "\n" + journal());
        return result.text();
    }

    private static void write(String file, String text) throws IOException, InterruptedException {
        inside("cat > " + file + " <<'END'\n" + text + "\nEND");
    }

    private static String journal() {
        try {
            return run("journalctl", "--no-pager", "-u", SERVICE, "-n", "30").text();
        } catch (IOException | InterruptedException silent) {
            return silent.toString();
        }
    }

    private static String nfv(String arguments) throws IOException, InterruptedException {
        return inside("/opt/ptnetmap/nfv " + arguments + " --node " + NODE);
    }

    /** What systemd knows of the service. */
    private static Map<String, String> service() throws IOException, InterruptedException {
        Map<String, String> properties = new TreeMap<>();
        inside("systemctl show " + SERVICE).lines().forEach(line -> {
            int equals = line.indexOf('=');
            properties.put(line.substring(0, equals), line.substring(equals + 1));
        });
        return properties;
    }

    private static void await(String property, String value) throws IOException, InterruptedException {
        Instant end = Instant.now().plusSeconds(60);
        Map<String, String> seen = service();
        while (!seen.get(property).equals(value) && Instant.now().isBefore(end)) {
            TimeUnit.MILLISECONDS.sleep(200);
            seen = service();
        }
        assertEquals(value, seen.get(property), SystemdUnitTest::journal);
    }

    private static void apply(String name, String functions) throws IOException, InterruptedException {
        write("/run/" + name + ".yaml", "chain: " + name + "\nfunctions:\n" + functions);
        nfv("apply -f /run/" + name + ".yaml");
    }

    private static void assertRuns(String chain) throws IOException, InterruptedException {
        Pattern running = Pattern.compile("(?m)^" + chain + " +running ");
        Instant end = Instant.now().plusSeconds(20);
        String chains = nfv("get chains");
        while (!running.matcher(chains).find() && Instant.now().isBefore(end)) {
            chains = nfv("get chains");
        }
        String seen = chains;
        assertTrue(running.matcher(seen).find(), () -> seen + "\n" + journal());
    }

    // --- What it promises ------------------------------------------------------------------------------------

    @Test
    void systemdFindsNothingWrongWithTheUnit() throws IOException, InterruptedException {
        Nfv.Result verified = run("systemd-analyze", "verify", "/etc/systemd/system/" + UNIT.getFileName());
        assertEquals("", verified.text() + String.join("\n", verified.err()));
        assertEquals(0, verified.exitCode());
        String rating =
                inside("systemd-analyze security --no-pager --offline=true /etc/systemd/system/" + UNIT.getFileName());
        Matcher exposure =
                Pattern.compile("Overall exposure level for \\S+: ([0-9.]+) ").matcher(rating);
        assertTrue(exposure.find(), rating);
        String page = Files.readString(Path.of("../docs/node.md"));
        assertTrue(
                page.contains("rates it " + exposure.group(1) + " "),
                "docs/node.md says other than " + exposure.group());
    }

    @Test
    void itIsStartedWhenItServes() throws IOException, InterruptedException {
        Map<String, String> service = service();
        assertEquals("active", service.get("ActiveState"));
        assertEquals("running", service.get("SubState"));
        assertTrue(service.get("StatusText").startsWith("serving http://127.0.0.1:8470"), service.get("StatusText"));
        assertEquals("200", inside("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8470/health/ready"));
        assertEquals(
                "200",
                inside("curl -s -o /dev/null -w '%{http_code}' --unix-socket " + NODE.substring(5)
                        + " http://node/v1/chains"));
        assertTrue(
                inside("stat -c %a /var/lib/private/ptnetmap-node/admin.token").endsWith("600"));
    }

    @Test
    void whatRanRunsAgainHoweverItEnds() throws IOException, InterruptedException {
        apply(
                "edge",
                "  - {type: generator, config: {rate: 1k}}\n  - {type: monitor, process: own}\n  - {type: sink}\n");
        inside("systemctl restart " + SERVICE);
        assertRuns("edge");
        String main = service().get("MainPID");
        inside("kill -KILL " + main);
        await("NRestarts", "1");
        await("ActiveState", "active");
        assertRuns("edge");
        inside("kill -STOP " + service().get("MainPID"));
        await("NRestarts", "2");
        await("ActiveState", "active");
        assertRuns("edge");
        assertTrue(inside("journalctl -u " + SERVICE).contains("Watchdog timeout"));
        inside("systemctl stop " + SERVICE);
        Map<String, String> stopped = service();
        assertEquals("inactive", stopped.get("ActiveState"));
        assertEquals("success", stopped.get("Result"));
        assertEquals("0", stopped.get("ExecMainStatus"));
        inside("systemctl start " + SERVICE);
        nfv("delete chain edge");
    }

    @Test
    void hardeningLeavesItWhatChainsNeed() throws IOException, InterruptedException {
        inside("ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up");
        apply(
                "own",
                "  - {type: generator, config: {rate: 10k}}\n  - {type: monitor, process: own}\n  - port: netmap:v0\n");
        assertRuns("own");
        TimeUnit.SECONDS.sleep(1);
        assertTrue(journal().contains("v0: AF_XDP"), SystemdUnitTest::journal);
        long received = Long.parseLong(
                inside("cat /sys/class/net/v1/statistics/rx_packets").strip());
        assertTrue(received > 1000, "v1 got " + received + " packets");
        nfv("delete chain own");
        apply("tap", "  - {type: generator, config: {rate: 1k}}\n  - port: tap:t0\n");
        assertRuns("tap");
        nfv("delete chain tap");
    }

    @Test
    void ringsMayLieInHugePages() throws IOException, InterruptedException {
        long before = freeHugePages();
        assumeTrue(before >= HUGE_PAGES, "needs huge pages: as root, sysctl vm.nr_hugepages=" + HUGE_PAGES);
        String settings = "/run/systemd/system/" + SERVICE + ".service.d/huge.conf";
        write(settings, "[Service]\nEnvironment=PTNETMAP_HUGE_PAGES=on\n");
        inside("systemctl daemon-reload && systemctl restart " + SERVICE);
        apply(
                "huge",
                "  - {type: generator, config: {rate: 1k}}\n  - {type: monitor, process: own}\n  - {type: sink}\n");
        assertRuns("huge");
        assertTrue(freeHugePages() < before, SystemdUnitTest::journal);
        nfv("delete chain huge");
        assertEquals(before, freeHugePages());
        inside("rm " + settings + " && systemctl daemon-reload && systemctl restart " + SERVICE);
    }

    private static long freeHugePages() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("HugePages_Free:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    @Test
    void itsJournalHasLevelsAndNoSecondClock() throws IOException, InterruptedException {
        apply("noted", "  - {type: generator, config: {rate: 1k}}\n  - {type: sink}\n");
        nfv("delete chain noted");
        String line = inside("journalctl -u " + SERVICE + " -o cat | grep -F 'PUT /v1/chains/noted' | tail -n 1");
        assertTrue(line.matches("\\[request-\\d+] Api: user root: PUT /v1/chains/noted"), line);
        assertTrue(inside("journalctl -u " + SERVICE + " -p info -o cat").contains("PUT /v1/chains/noted"));
        assertTrue(!inside("journalctl -u " + SERVICE + " -p warning -o cat || true")
                .contains("PUT /v1/chains"));
    }
}
