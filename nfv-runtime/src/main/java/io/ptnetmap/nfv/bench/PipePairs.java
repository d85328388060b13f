// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.host.EmbeddedHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An embedded host with a pipe for each contender: two Java processes, and two of the {@linkplain CTwin C program} if
 * there is one. The processes stay alive over all rounds, so that what was compiled stays so. For one thread.
 */
final class PipePairs implements AutoCloseable {
    static final String JAVA = "Java";
    static final String C = "C";

    private final Path directory;
    private final EmbeddedHost host;
    private final List<Integer> cpus;
    private final List<ProcessPair> pairs = new ArrayList<>();

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
    PipePairs(Setting setting, Optional<Path> program) throws IOException {
        this.cpus = Machine.pair();
        this.directory = Files.createTempDirectory("ptnetmap-bench");
        this.host = EmbeddedHost.create();
        try {
            Path socket = directory.resolve("host.sock");
            host.serve(socket);
            pairs.add(pair(JAVA, socket, setting, BenchProcess.java(setting.worker())));
            program.ifPresent(c -> pairs.add(pair(C, socket, setting, List.of(c.toString()))));
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

    /** The same task for all pairs. */
    Variant variant(Map<String, Object> parameters, ProcessPair.Task task) {
        return new Variant(parameters, task.metrics(), contenders(task));
    }

    /** All pairs, with this task for each of their rounds. */
    List<Contender> contenders(ProcessPair.Task task) {
        return pairs.stream()
                .map(pair -> new Contender(pair.name(), () -> pair.run(task)))
                .toList();
    }

    /** Ends all processes. */
    @Override
    public void close() {
        pairs.forEach(ProcessPair::close);
        host.close();
        try {
            Files.deleteIfExists(directory);
        } catch (IOException leftBehind) {
            // An empty directory among the temporary files does no harm.
        }
    }
}
