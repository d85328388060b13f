// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code nfv node} as a process of its own, on a free port of this machine. */
final class NodeProcess {
    private static final String SERVING = "serving ";

    private final Process process;
    private final String address;
    private final Path state;

    private NodeProcess(Process process, String address, Path state) {
        this.process = process;
        this.address = address;
        this.state = state;
    }

    /** Starts it; it serves when this returns. */
    static NodeProcess start(Path state) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "node",
                        "--listen",
                        "127.0.0.1:0",
                        "--state",
                        state.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader out = process.inputReader();
        List<String> said = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.add(line);
            if (line.startsWith(SERVING)) {
                return new NodeProcess(process, line.substring(SERVING.length()), state);
            }
        }
        throw new AssertionError("the node has ended: " + said);
    }

    /** Runs a command that talks to it. */
    CommandOutcome nfv(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--node", address, "--token-file", token().toString()));
        return CommandOutcome.of(line.toArray(String[]::new));
    }

    /** Where it serves. */
    String address() {
        return address;
    }

    /** The file with the administrator's token. */
    Path token() {
        return state.resolve("admin.token");
    }

    /** Ends it. */
    void end() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
