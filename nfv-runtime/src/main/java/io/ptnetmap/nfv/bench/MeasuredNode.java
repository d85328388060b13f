// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A node in a process of its own, started as a user does, with a chain at full rate, whose worker has one processor, all other
 * threads another, and with others beside it. For one thread.
 */
final class MeasuredNode implements AutoCloseable {
    /** What the chain is called. */
    static final String CHAIN = "control";

    /** Functions of each of the other chains. */
    static final int FUNCTIONS = 10;

    private static final String SERVING = "serving ";
    private static final String WORKER = "worker-";

    private final Process process;
    private final URI address;
    private final String token;
    private final NodeApi api;
    private final Path worker;

    /**
     * @param launcher the script
     * @param directory for the node's state
     * @param workerCpu processor of the chain
     * @param controlCpu processor of all else
     * @param others chains of {@value #FUNCTIONS} functions each besides, through which 100 packets a second go
     */
    MeasuredNode(Path launcher, Path directory, int workerCpu, int controlCpu, int others) {
        try {
            Path log = directory.resolve("node.log");
            ProcessBuilder command = new ProcessBuilder(
                    launcher.toString(), "node", "--listen", "127.0.0.1:0", "--state", directory.toString());
            process = command.redirectError(log.toFile()).start();
            process.getOutputStream().close();
            try {
                address = URI.create(serving(process.inputReader(), log));
                token = Files.readString(directory.resolve("admin.token")).strip();
                // What the threads start, goes where they are; the worker is started last.
                pin("-apc", controlCpu, process.pid());
                api = new NodeApi(address, token);
                for (int i = 0; i < others; i++) {
                    api.send("PUT", "/v1/chains/" + other(i), "application/yaml", descriptor(other(i)));
                }
                List<Path> before = threads();
                api.send("PUT", "/v1/chains/" + CHAIN, "application/yaml", EndlessChain.descriptor(CHAIN));
                worker = worker(before);
                pin("-pc", workerCpu, Long.parseLong(worker.getFileName().toString()));
            } catch (IOException | RuntimeException failure) {
                process.destroy();
                throw failure;
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot start " + launcher + ": " + failure.getMessage(), failure);
        }
    }

    /** What one of the other chains is called. */
    static String other(int number) {
        return "other-" + number;
    }

    private static String descriptor(String chain) {
        StringBuilder yaml = new StringBuilder("chain: " + chain + "\nfunctions:\n");
        yaml.append("  - {type: generator, config: {rate: 100}}\n");
        for (int i = 0; i < FUNCTIONS - 2; i++) {
            yaml.append("  - {type: swap, name: swap-").append(i).append("}\n");
        }
        return yaml.append("  - {type: sink}\n").toString();
    }

    private static String serving(BufferedReader out, Path log) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(SERVING)) {
                return line.substring(SERVING.length());
            }
        }
        throw new BenchException("the node has ended before it served anything: "
                + Files.readAllLines(log).stream().reduce((first, last) -> last).orElse("it said nothing"));
    }

    private static void pin(String how, int cpu, long thread) {
        Tool.output(List.of("taskset", how, String.valueOf(cpu), String.valueOf(thread)));
    }

    private List<Path> threads() {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", String.valueOf(process.pid()), "task"))) {
            return tasks.toList();
        } catch (IOException ended) {
            throw new BenchException("the node has ended", ended);
        }
    }

    private static boolean isWorker(Path thread) throws IOException {
        return Files.readString(thread.resolve("comm")).startsWith(WORKER);
    }

    private Path worker(List<Path> others) throws IOException {
        for (Path thread : threads()) {
            if (!others.contains(thread) && isWorker(thread)) {
                return thread;
            }
        }
        throw new BenchException("the node's chain has no worker");
    }

    /** Processor time of all threads that are there but the workers; it may miss some of threads that have ended. */
    long controlNanos() {
        long nanos = 0;
        for (Path thread : threads()) {
            try {
                if (!isWorker(thread)) {
                    nanos += schedule(thread)[0];
                }
            } catch (IOException hasEnded) {
                // A compiler's thread, for example.
            }
        }
        return nanos;
    }

    /** Nanoseconds that a thread has run, and that it wanted to and had no processor. */
    private static long[] schedule(Path thread) throws IOException {
        String[] columns = Files.readString(thread.resolve("schedstat")).split(" ");
        return new long[] {Long.parseLong(columns[0]), Long.parseLong(columns[1])};
    }

    /** Another user of the API. */
    NodeApi connect() {
        return new NodeApi(address, token);
    }

    /**
     * What the sink has seen.
     *
     * @param nanos since the chain was started
     * @param runNanos of these, those in which the worker ran
     * @param waitNanos those in which it wanted to run, and other processes had its processor
     */
    record Look(long packets, long nanos, long runNanos, long waitNanos) {}

    /** What the node tells of the chain, as JSON. */
    String statistics() {
        return api.get("/v1/chains/" + CHAIN + "/statistics");
    }

    /** @throws BenchException if the chain does not run */
    Look look() {
        JsonNode statistics = api.json("/v1/chains/" + CHAIN + "/statistics");
        JsonNode functions = statistics.path("functions");
        JsonNode sink = functions.path(functions.size() - 1);
        if (!sink.path("state").asString("").equals("running")) {
            throw new BenchException("the node's chain does not run: " + sink);
        }
        try {
            long[] schedule = schedule(worker);
            return new Look(
                    sink.at("/account/received").asLong(),
                    statistics.path("elapsed-nanos").asLong(),
                    schedule[0],
                    schedule[1]);
        } catch (IOException ended) {
            throw new BenchException("the node has ended", ended);
        }
    }

    /** Stops the chain; fails where a packet is missing. */
    void requireBalance() {
        api.send("POST", "/v1/chains/" + CHAIN + "/stop", "application/json", "");
        JsonNode balance = api.json("/v1/chains/" + CHAIN + "/statistics").path("conservation");
        if (balance.path("unaccounted").asLong(1) != 0
                || balance.path("received").asLong() + balance.path("created").asLong() == 0) {
            throw new BenchException("packets were lost: " + balance);
        }
    }

    @Override
    public void close() {
        api.close();
        try {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
