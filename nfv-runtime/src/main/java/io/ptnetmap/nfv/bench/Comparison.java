// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.host.EmbeddedHost;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An embedded host with a pipe for each contender: two Java processes, and two of the {@linkplain CTwin C program} if
 * there is one. The processes stay alive over all rounds, so that what was compiled stays so. For one thread.
 */
final class Comparison implements AutoCloseable {
    private final Path directory;
    private final EmbeddedHost host;
    private final List<Integer> cpus;
    private final List<ProcessPair> contenders = new ArrayList<>();

    /**
     * What the processes are.
     *
     * @param worker the Java program
     * @param first role of the process that begins
     * @param second role of the other one
     * @param slots of each ring
     */
    record Setting(Class<?> worker, String first, String second, int slots) {}

    /**
     * Starts all processes.
     *
     * @param program the C program, if there is one
     */
    Comparison(Setting setting, Optional<Path> program) throws IOException {
        this.cpus = processors();
        this.directory = Files.createTempDirectory("ptnetmap-bench");
        this.host = EmbeddedHost.create();
        try {
            Path socket = directory.resolve("host.sock");
            host.serve(socket);
            contenders.add(pair("Java", socket, setting, javaCommand(setting.worker())));
            program.ifPresent(c -> contenders.add(pair("C", socket, setting, List.of(c.toString()))));
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private ProcessPair pair(String name, Path socket, Setting setting, List<String> program) {
        return new ProcessPair(
                name,
                command(program, socket, "bench{" + name, setting.slots(), setting.first(), cpus.getFirst()),
                command(program, socket, "bench}" + name, setting.slots(), setting.second(), cpus.getLast()));
    }

    /** The command line that all programs take. */
    static List<String> command(List<String> program, Path socket, String port, int slots, String role, int cpu) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(socket.toString(), port, String.valueOf(slots), role, String.valueOf(cpu)));
        return command;
    }

    /** This process's Java with its class path and flags, a debugger's left out; standard output is for answers. */
    static List<String> javaCommand(Class<?> program) {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-agentlib:"))
                .forEach(command::add);
        command.add("-XX:+DisplayVMOutputToStderr");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        return command;
    }

    /** The processors of the first and the second process of each pair. */
    static List<Integer> processors() {
        List<Integer> allowed = Machine.processors();
        return List.of(allowed.getFirst(), allowed.get(Math.min(1, allowed.size() - 1)));
    }

    /**
     * Runs rounds of each contender in turn: Java, C, Java, C ...
     *
     * @param parameters what is special about this task, for the report
     * @param warmUps rounds before those that count
     */
    Report.Result measure(ProcessPair.Task task, Map<String, Object> parameters, int warmUps, int rounds) {
        for (int i = 0; i < warmUps; i++) {
            contenders.forEach(contender -> contender.run(task));
        }
        Map<String, List<double[]>> figures = new LinkedHashMap<>();
        contenders.forEach(contender -> figures.put(contender.name(), new ArrayList<>()));
        Machine.ProcessorTime before = Machine.ProcessorTime.now();
        for (int i = 0; i < rounds; i++) {
            contenders.forEach(contender -> figures.get(contender.name()).add(contender.run(task)));
        }
        double steal = Machine.ProcessorTime.now().stolenSince(before);
        List<Report.Measured> metrics = new ArrayList<>();
        for (int metric = 0; metric < task.metrics().size(); metric++) {
            metrics.add(Report.Measured.of(task.metrics().get(metric), column(figures, metric)));
        }
        return new Report.Result(parameters, metrics, steal, Machine.load());
    }

    private static Map<String, Series> column(Map<String, List<double[]>> figures, int metric) {
        Map<String, Series> column = new LinkedHashMap<>();
        figures.forEach((contender, rounds) -> column.put(
                contender, Series.of(rounds.stream().map(round -> round[metric]).toList())));
        return column;
    }

    /** Ends all processes. */
    @Override
    public void close() {
        contenders.forEach(ProcessPair::close);
        host.close();
        try {
            Files.deleteIfExists(directory);
        } catch (IOException leftBehind) {
            // An empty directory among the temporary files does no harm.
        }
    }
}
