// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.ptnetmap.nfv.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code nfv node} as a process of its own, on a free port of this machine. */
final class NodeProcess {
    private static final String SERVING = "serving ";

    private final Process process;
    private final List<String> addresses;
    private final Path state;

    private NodeProcess(Process process, List<String> addresses, Path state) {
        this.process = process;
        this.addresses = addresses;
        this.state = state;
    }

    /** Starts it; it serves when this returns. */
    static NodeProcess start(Path state) throws IOException {
        return start(List.of(), state, "--listen", "127.0.0.1:0");
    }

    /**
     * Starts it with options of its own; it serves when this returns.
     *
     * @param starter a program that starts it in its own way
     */
    static NodeProcess start(List<String> starter, Path state, String... options) throws IOException {
        Process process = new ProcessBuilder(line(starter, state, options))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader out = process.inputReader();
        List<String> said = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        long expected =
                Math.max(1, Stream.of(options).filter("--listen"::equals).count());
        while (addresses.size() < expected) {
            String line = out.readLine();
            if (line == null) {
                throw new AssertionError("the node has ended: " + said);
            }
            said.add(line);
            if (line.startsWith(SERVING)) {
                addresses.add(line.substring(SERVING.length()));
            }
        }
        return new NodeProcess(process, addresses, state);
    }

    private static List<String> line(List<String> starter, Path state, String... options) {
        List<String> arguments = new ArrayList<>(List.of("node", "--state", state.toString()));
        arguments.addAll(List.of(options));
        return line(starter, arguments);
    }

    /** The command line of {@code nfv} as a program of its own. */
    static List<String> line(List<String> starter, List<String> arguments) {
        List<String> line = new ArrayList<>(starter);
        line.addAll(JavaCommand.of(Main.class, arguments.toArray(String[]::new)));
        return line;
    }

    /** Starts one that is to be refused; what it says on its standard error. */
    static String refused(Path state, String... options) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(line(List.of(), state, options)).start();
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(ExitCodes.ENVIRONMENT, process.waitFor(), said);
        return said;
    }

    /** Runs a command that talks to it. */
    CommandOutcome nfv(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--node", address(), "--token-file", token().toString()));
        return CommandOutcome.of(line.toArray(String[]::new));
    }

    /** Where it serves first of all. */
    String address() {
        return addresses.getFirst();
    }

    /** The port of that address. */
    int port() {
        return URI.create(address()).getPort();
    }

    /** Kills it. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
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
