// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.host.EmbeddedHost;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An embedded host with a pipe for each contender: two Java processes, and two of the {@linkplain CTwin C program} if
 * there is one. The processes stay alive over all rounds, so that what was compiled stays so. For one thread.
 */
final class PipeBenchmark implements AutoCloseable {
    private static final String SENDER = "sender";
    private static final String RECEIVER = "receiver";

    private final Path directory;
    private final EmbeddedHost host;
    private final int slots;
    private final List<Integer> cpus;
    private final List<Contender> contenders = new ArrayList<>();

    /**
     * Starts all processes.
     *
     * @param slots of each ring
     * @param program the C program, if there is one
     */
    PipeBenchmark(int slots, Optional<Path> program) throws IOException {
        List<Integer> allowed = Machine.processors();
        this.slots = slots;
        this.cpus = List.of(allowed.getFirst(), allowed.get(Math.min(1, allowed.size() - 1)));
        this.directory = Files.createTempDirectory("ptnetmap-bench");
        this.host = EmbeddedHost.create();
        try {
            Path socket = directory.resolve("host.sock");
            host.serve(socket);
            contenders.add(contender("Java", socket, javaCommand()));
            program.ifPresent(c -> contenders.add(contender("C", socket, List.of(c.toString()))));
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private Contender contender(String name, Path socket, List<String> program) {
        return new Contender(
                name,
                command(program, socket, "bench{" + name, SENDER, cpus.getFirst()),
                command(program, socket, "bench}" + name, RECEIVER, cpus.getLast()));
    }

    private List<String> command(List<String> program, Path socket, String port, String role, int cpu) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(socket.toString(), port, String.valueOf(slots), role, String.valueOf(cpu)));
        return command;
    }

    /** This process's Java with its class path and flags, a debugger's left out; standard output is for answers. */
    static List<String> javaCommand() {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-agentlib:"))
                .forEach(command::add);
        command.add("-XX:+DisplayVMOutputToStderr");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PipeWorker.class.getName()));
        return command;
    }

    /** The processors of senders and receivers. */
    List<Integer> cpus() {
        return cpus;
    }

    /**
     * Runs rounds of each contender in turn: Java, C, Java, C ...
     *
     * @param warmUps rounds before those that count
     */
    PipeReport.Result measure(Contender.Task task, int warmUps, int rounds) {
        List<List<Double>> rates = contenders.stream()
                .map(contender -> (List<Double>) new ArrayList<Double>())
                .toList();
        for (int i = 0; i < warmUps; i++) {
            contenders.forEach(contender -> contender.run(task));
        }
        Machine.ProcessorTime before = Machine.ProcessorTime.now();
        for (int i = 0; i < rounds; i++) {
            for (int k = 0; k < contenders.size(); k++) {
                rates.get(k).add(contenders.get(k).run(task));
            }
        }
        double steal = Machine.ProcessorTime.now().stolenSince(before);
        return PipeReport.Result.of(
                task.batch(),
                Series.of(rates.getFirst()),
                rates.stream().skip(1).findFirst().map(Series::of),
                steal,
                Machine.load());
    }

    /** Ends all processes. */
    @Override
    public void close() {
        contenders.forEach(Contender::close);
        host.close();
        try {
            Files.deleteIfExists(directory);
        } catch (IOException leftBehind) {
            // An empty directory among the temporary files does no harm.
        }
    }
}
