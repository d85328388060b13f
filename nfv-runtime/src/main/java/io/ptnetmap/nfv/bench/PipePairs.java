// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import io.ptnetmap.host.EmbeddedHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An embedded host with pipes for each contender: two Java processes, and two of the {@linkplain CTwin C program} if
 * there is one. The processes stay alive over all rounds, so that what was compiled stays so. For one thread.
 */
final class PipePairs implements AutoCloseable {
    static final String JAVA = "Java";
    static final String C = "C";

    private final BenchDirectory directory;
    private final EmbeddedHost host;
    private final List<Integer> cpus;
    private final List<ProcessPair> pairs = new ArrayList<>();

    /**
     * What the processes are.
     *
     * @param java the Java contenders
     * @param first role of the process that begins
     * @param second role of the other one
     * @param pipes between the two
     * @param slots of each ring
     * @param others what else the C program does that is worth comparing with
     */
    record Setting(List<Programs> java, String first, String second, int pipes, int slots, List<OtherRoles> others) {
        /** One contender in Java, and one pipe. */
        static Setting of(Class<?> worker, String first, String second, int slots) {
            return new Setting(List.of(new Programs(JAVA, worker, worker)), first, second, 1, slots, List.of());
        }

        /** One contender more. */
        Setting with(OtherRoles other) {
            return new Setting(java, first, second, pipes, slots, List.of(other));
        }

        private Setting of(OtherRoles roles) {
            return new Setting(java, roles.first(), roles.second(), pipes, slots, List.of());
        }
    }

    /**
     * A contender that is the C program in roles of its own.
     *
     * @param name of the contender
     */
    record OtherRoles(String name, String first, String second) {}

    /**
     * The two programs of a contender in Java.
     *
     * @param name of the contender
     */
    record Programs(String name, Class<?> first, Class<?> second) {}

    /**
     * Starts all processes.
     *
     * @param program the C program, if there is one
     */
    PipePairs(Setting setting, Optional<Path> program) throws IOException {
        this.cpus = Machine.pair();
        this.directory = new BenchDirectory();
        this.host = EmbeddedHost.create();
        try {
            Path socket = directory.file("host.sock");
            host.serve(socket);
            for (Programs java : setting.java()) {
                List<String> first = BenchProcess.java(java.first());
                pairs.add(pair(java.name(), socket, setting, first, BenchProcess.java(java.second())));
            }
            program.map(c -> List.of(c.toString())).ifPresent(c -> {
                pairs.add(pair(C, socket, setting, c, c));
                setting.others().forEach(other -> pairs.add(pair(other.name(), socket, setting.of(other), c, c)));
            });
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private ProcessPair pair(String name, Path socket, Setting setting, List<String> first, List<String> second) {
        int number = pairs.size();
        return new ProcessPair(
                name,
                command(first, socket, ports(setting, "{" + number), setting.slots(), setting.first(), cpus.getFirst()),
                command(
                        second,
                        socket,
                        ports(setting, "}" + number),
                        setting.slots(),
                        setting.second(),
                        cpus.getLast()));
    }

    /** The ends of a contender's pipes with a comma between. */
    private static String ports(Setting setting, String end) {
        return IntStream.range(0, setting.pipes())
                .mapToObj(pipe -> "bench" + end + "_" + pipe)
                .collect(Collectors.joining(","));
    }

    /** The command line that all programs take. */
    static List<String> command(List<String> program, Path socket, String ports, int slots, String role, int cpu) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(socket.toString(), ports, String.valueOf(slots), role, String.valueOf(cpu)));
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
        directory.close();
    }
}
