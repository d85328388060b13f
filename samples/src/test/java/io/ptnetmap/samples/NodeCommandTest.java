// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code nfv node} as a program: its options, tokens, signals and its service manager. */
class NodeCommandTest {
    private static final String RECEIVER = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1].replace('@', '\\0', 1))
            print('bound', flush=True)
            while True:
                print(s.recv(4096).decode(), flush=True)
            """;

    @TempDir
    Path directory;

    private final List<Process> started = new ArrayList<>();
    private Path nfv;
    private Path state;

    @BeforeEach
    void install() throws IOException {
        nfv = InstalledNfv.into(directory);
        state = directory.resolve("state");
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    private Nfv.Result nfv(String... arguments) throws IOException, InterruptedException {
        return Nfv.await(new ProcessBuilder(command(arguments)));
    }

    private List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(nfv.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    private Process start(ProcessBuilder builder) throws IOException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        started.add(process);
        return process;
    }

    private static String await(BufferedReader lines, String beginning) throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(beginning)) {
                return line.substring(beginning.length());
            }
        }
        throw new AssertionError("ended without '" + beginning + "'");
    }

    private int curl(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("curl", "-sS", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"));
        command.addAll(List.of(arguments));
        return Integer.parseInt(Nfv.await(new ProcessBuilder(command)).text().trim());
    }

    @Test
    void aNodeKeepsToItselfUnlessItIsTold() throws IOException, InterruptedException {
        Nfv.Result open = nfv("node", "--state", state.toString(), "--listen", "0.0.0.0:0");
        assertEquals(2, open.exitCode());
        assertTrue(open.err().getFirst().contains("--tls-cert"), open.err()::toString);
        assertEquals(2, nfv("node", "--listen", "nowhere").exitCode());
        assertEquals(2, nfv("node", "--tls-key", "x").exitCode());
        assertFalse(Files.exists(state));
    }

    @Test
    void signalsEndItWellAndItsServiceManagerIsTold() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "needs python3");
        for (String socket : List.of(
                directory.resolve("notify").toString(),
                "@nfv-" + ProcessHandle.current().pid())) {
            BufferedReader manager =
                    start(new ProcessBuilder("python3", "-c", RECEIVER, socket)).inputReader();
            await(manager, "bound");
            ProcessBuilder builder =
                    new ProcessBuilder(command("node", "--state", state.toString(), "--listen", "127.0.0.1:0"));
            builder.environment().put("NOTIFY_SOCKET", socket);
            builder.environment().put("WATCHDOG_USEC", "400000");
            Process node = start(builder);
            await(node.inputReader(), "serving http://127.0.0.1:");
            await(manager, "READY=1");
            await(manager, "WATCHDOG=1");
            await(manager, "WATCHDOG=1");
            node.destroy();
            await(manager, "STOPPING=1");
            assertTrue(node.waitFor(20, TimeUnit.SECONDS));
            assertEquals(0, node.exitValue());
        }
    }

    @Test
    void tokensAreMadeAndTakenAwayBesideARunningNode() throws IOException, InterruptedException {
        Process node =
                start(new ProcessBuilder(command("node", "--state", state.toString(), "--listen", "127.0.0.1:0")));
        BufferedReader lines = node.inputReader();
        assertEquals(state.resolve("admin.token").toString(), await(lines, "an administrator's token is in "));
        String address = "http://127.0.0.1:" + await(lines, "serving http://127.0.0.1:") + "/v1/chains";
        String admin = Files.readString(state.resolve("admin.token")).trim();
        assertEquals(200, curl("-H", "Authorization: Bearer " + admin, address));
        for (String file : List.of("admin.token", "tokens.json")) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve(file))),
                    file);
        }
        assertFalse(Files.readString(state.resolve("tokens.json")).contains(admin));

        String token = nfv("node", "token", "add", "watcher", "--role", "read", "--state", state.toString())
                .succeeded()
                .text();
        TimeUnit.SECONDS.sleep(1);
        assertEquals(200, curl("-H", "Authorization: Bearer " + token, address));
        assertEquals(403, curl("-X", "POST", "-H", "Authorization: Bearer " + token, address));
        assertTrue(nfv("node", "token", "list", "--state", state.toString())
                .succeeded()
                .text()
                .contains("watcher"));
        nfv("node", "token", "remove", "watcher", "--state", state.toString()).succeeded();
        TimeUnit.SECONDS.sleep(1);
        assertEquals(401, curl("-H", "Authorization: Bearer " + token, address));

        Nfv.Result second = nfv("node", "--state", state.toString(), "--listen", "127.0.0.1:0");
        assertEquals(4, second.exitCode(), second.err()::toString);
    }

    @Test
    void certificatesAreTakenWhenTheyAreReplaced() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "needs openssl");
        makeCertificate("first");
        Process node = start(new ProcessBuilder(command(
                "node",
                "--state",
                state.toString(),
                "--listen",
                "0.0.0.0:0",
                "--tls-cert",
                directory.resolve("node.pem").toString(),
                "--tls-key",
                directory.resolve("node.key").toString())));
        String port = await(node.inputReader(), "serving https://0.0.0.0:");
        String address = "https://first:" + port + "/health/live";
        String pem = directory.resolve("node.pem").toString();
        assertEquals(200, curl("--cacert", pem, "--connect-to", "::127.0.0.1:" + port, address));
        makeCertificate("second");
        TimeUnit.SECONDS.sleep(2);
        assertEquals(
                200, curl("--cacert", pem, "--connect-to", "::127.0.0.1:" + port, address.replace("first", "second")));
        assertEquals(0, curl("http://127.0.0.1:" + port + "/health/live"), "no plain HTTP");
    }

    private void makeCertificate(String name) throws IOException, InterruptedException {
        Nfv.Result made = Nfv.await(new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=" + name,
                        "-addext",
                        "subjectAltName=DNS:" + name,
                        "-keyout",
                        "node.key",
                        "-out",
                        "node.pem")
                .directory(directory.toFile()));
        assertEquals(0, made.exitCode(), made.err()::toString);
    }
}
