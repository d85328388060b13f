// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that talk to a node by TLS, with certificates that openssl has made; curl judges the same node. */
class NodeTlsTest {
    private static final String HERE = "DNS:localhost,IP:127.0.0.1";

    @TempDir
    private static Path directory;

    private static Certificates certificates;
    private static Path authority;
    private static Path stranger;
    private static NodeProcess node;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Curl.need("curl", "openssl");
        certificates = new Certificates(directory);
        authority = certificates.authority("authority");
        stranger = certificates.authority("stranger");
        certificates.issue("authority", HERE, 2);
        node = NodeProcess.start(
                List.of(),
                directory.resolve("state"),
                "--listen",
                "127.0.0.1:0",
                "--tls-cert",
                directory.resolve("node.pem").toString(),
                "--tls-key",
                directory.resolve("node.key").toString());
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (node != null) {
            node.end();
        }
    }

    /** Each test finds a node with a good certificate. */
    @BeforeEach
    void renew() throws IOException, InterruptedException {
        take("authority", HERE, 2, 0);
    }

    /** Gives the running node another certificate; it is there when curl says so, by its exit code. */
    private void take(String by, String names, int days, int curl) throws IOException, InterruptedException {
        certificates.issue(by, names, days);
        int code = -1;
        for (int i = 0; code != curl && i < 50; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
            code = Curl.run(List.of(), "--cacert", authority.toString(), node.address() + "/health/live")
                    .exitCode();
        }
        assertEquals(curl, code);
    }

    private static String succeed(String... arguments) {
        CommandOutcome outcome = node.nfv(arguments);
        assertEquals("", outcome.err());
        assertEquals(0, outcome.exitCode());
        return outcome.out();
    }

    private static String refused(String... arguments) {
        CommandOutcome outcome = node.nfv(arguments);
        assertEquals(4, outcome.exitCode(), outcome::out);
        return outcome.err();
    }

    @Test
    void aNodeIsTrustedWhoseCertificateComesFromTheAuthority() throws IOException, InterruptedException {
        assertEquals("", succeed("get", "chains", "-o", "name", "--ca", authority.toString()));
        String byName = "https://localhost:" + node.port();
        CommandOutcome outcome = CommandOutcome.of(
                "get",
                "nodes",
                "-o",
                "name",
                "--ca",
                authority.toString(),
                "--node",
                byName,
                "--token-file",
                node.token().toString());
        assertTrue(outcome.out().startsWith("node/"), () -> outcome.out() + outcome.err());
        // What goes on and on takes another way than questions.
        assertTrue(succeed("events", "--ca", authority.toString()).contains("node-started"));
        Curl.Answer judge = Curl.run(
                List.of(),
                "--cacert",
                authority.toString(),
                "-H",
                "Authorization: Bearer " + Files.readString(node.token()).strip(),
                byName + "/v1/chains");
        assertEquals(200, judge.status(), judge::body);
    }

    @Test
    void handshakesThatFailAreCounted() throws IOException, InterruptedException {
        long before = failures();
        Curl.run(List.of(), "--cacert", stranger.toString(), node.address() + "/health/live");
        Curl.run(List.of(), node.address().replace("https:", "http:") + "/health/live");
        for (int i = 0; i < 50 && failures() < before + 2; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertEquals(before + 2, failures());
    }

    private static long failures() throws IOException, InterruptedException {
        return Curl.run(
                        List.of(),
                        "--cacert",
                        authority.toString(),
                        "-H",
                        "Authorization: Bearer "
                                + Files.readString(node.token()).strip(),
                        node.address() + "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("nfv_tls_handshake_failures_total "))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whoeverElseHasMadeItIsNot() {
        String certificate = "nfv: the certificate of the node at " + node.address();
        assertEquals(
                certificate + " comes from nobody whom Java trusts: name its authority's certificate by --ca FILE or"
                        + " NFV_CA\n",
                refused("get", "chains"));
        assertEquals(
                certificate + " comes from none of those in " + stranger
                        + ": take the file of the authority that the node's certificate comes from\n",
                refused("get", "chains", "--ca", stranger.toString()));
        assertTrue(
                refused("events", "--ca", stranger.toString()).startsWith(certificate + " comes from none of those"));
    }

    @Test
    void aCertificateForOthersIsRefused() throws IOException, InterruptedException {
        take("authority", "DNS:elsewhere.example", 2, 60);
        String names = refused("get", "chains", "--ca", authority.toString());
        assertTrue(
                names.startsWith("nfv: the certificate of the node at " + node.address() + " is for other names ("),
                names);
        assertTrue(
                names.endsWith("use one of them in the address, or give the node a certificate for this one\n"), names);
    }

    @Test
    void aCertificateThatHasExpiredIsRefused() throws IOException, InterruptedException {
        take("authority", HERE, -1, 60);
        assertEquals(
                "nfv: the certificate of the node at " + node.address()
                        + " has expired: give the node a new one, or set this machine's clock\n",
                refused("get", "chains", "--ca", authority.toString()));
    }

    @Test
    void aCertificateIsReplacedWhileTheNodeRuns() throws IOException, InterruptedException {
        succeed("get", "chains", "--ca", authority.toString());
        Process open = new ProcessBuilder(
                        "curl",
                        "-sN",
                        "--cacert",
                        authority.toString(),
                        "-H",
                        "Authorization: Bearer "
                                + Files.readString(node.token()).strip(),
                        node.address() + "/v1/events")
                .start();
        assertTrue(open.inputReader().readLine() != null, "events are coming");
        take("stranger", HERE, 2, 60);
        assertTrue(open.isAlive(), "what is connected stays so");
        open.destroy();
        succeed("get", "chains", "--ca", stranger.toString());
        // What is none is not taken.
        Files.writeString(directory.resolve("node.pem"), "nonsense");
        TimeUnit.SECONDS.sleep(3);
        succeed("get", "chains", "--ca", stranger.toString());
    }

    @Test
    void aWrongFileOfCertificatesIsToldAtOnce() throws IOException {
        Path none = Files.writeString(directory.resolve("none.pem"), "nothing");
        assertEquals(
                "nfv: cannot take certificates from " + none
                        + ": it holds no certificates; they are in PEM, and begin with -----BEGIN CERTIFICATE-----\n",
                refused("get", "chains", "--ca", none.toString()));
        Path missing = directory.resolve("missing.pem");
        assertEquals(
                "nfv: cannot take certificates from " + missing + ": there is no such file\n",
                refused("get", "chains", "--ca", missing.toString()));
    }

    @Test
    void theOtherProtocolIsToldFromSilence() throws IOException, InterruptedException {
        String plain = "http://127.0.0.1:" + node.port();
        CommandOutcome clear = CommandOutcome.of("get", "chains", "--node", plain);
        assertEquals(4, clear.exitCode());
        assertEquals(
                "nfv: no node answers at " + plain + ": it closes the connection; one that serves by TLS is reached by"
                        + " https://\n",
                clear.err());
        NodeProcess other = NodeProcess.start(directory.resolve("other"));
        try {
            String secure = "https://127.0.0.1:" + other.port();
            CommandOutcome outcome = CommandOutcome.of("get", "chains", "--node", secure);
            assertEquals(4, outcome.exitCode());
            assertTrue(outcome.err().startsWith("nfv: no TLS with " + secure + ": "), outcome::err);
            assertTrue(outcome.err().endsWith("; a node without a certificate is reached by http://\n"), outcome::err);
        } finally {
            other.end();
        }
    }
}
