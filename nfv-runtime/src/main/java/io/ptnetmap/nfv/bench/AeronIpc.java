// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Aeron's shared-memory channels between two Java processes, with a media driver in a third. Aeron is no part of what chains
 * run with: its jars lie beside that, and only these processes have them on their class path.
 *
 * @param task of each round
 * @param first role of the process that begins
 * @param second role of the other one
 */
record AeronIpc(ProcessPair.Task task, String first, String second) implements Candidate {
    /** Beside the directory of this program's own jars. */
    private static final String JARS = "peers";

    /** What Aeron's libraries need and recommend; our own processes have no such flags and check their bounds. */
    private static final List<String> FLAGS =
            List.of("--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "-Dagrona.disable.bounds.checks=true");

    static AeronIpc streaming(StreamTask task) {
        return new AeronIpc(task, AeronWorker.SENDER, AeronWorker.RECEIVER);
    }

    static AeronIpc echoing(EchoTask task) {
        return new AeronIpc(task, AeronWorker.PING, AeronWorker.PONG);
    }

    @Override
    public String name() {
        return "Aeron IPC";
    }

    @Override
    public String find() {
        List<Path> jars = jars();
        try {
            if (jars.isEmpty()) {
                Class.forName("io.aeron.driver.MediaDriver", false, AeronIpc.class.getClassLoader());
                return "the class path's";
            }
        } catch (ClassNotFoundException notHere) {
            throw new MissingException("no io.aeron:aeron-driver beside this program; './nfv build' puts it there");
        }
        return String.join(
                ", ", jars.stream().map(jar -> jar.getFileName().toString()).toList());
    }

    private static List<Path> jars() {
        try {
            Path own = Path.of(AeronIpc.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path directory = own.getParent().resolveSibling(JARS);
            if (!Files.isDirectory(directory)) {
                return List.of();
            }
            try (Stream<Path> files = Files.list(directory)) {
                return files.filter(file -> file.toString().endsWith(".jar"))
                        .sorted()
                        .toList();
            }
        } catch (URISyntaxException | IOException unreadable) {
            throw new MissingException("the jars of Aeron cannot be found: " + unreadable.getMessage());
        }
    }

    @Override
    public Contender start(Cleanup cleanup) {
        // On a file system in memory, as Aeron's own default is. The driver makes it, and deletes it.
        String directory = "/dev/shm/nfv-bench-aeron-" + ProcessHandle.current().pid();
        List<String> command = BenchProcess.java(AeronDriver.class, FLAGS, jars());
        command.add(directory);
        BenchProcess driver = BenchProcess.start("Aeron media driver", command);
        cleanup.add(driver::close);
        List<Integer> cpus = Machine.pair();
        ProcessPair pair = new ProcessPair(
                name(), worker(directory, first, cpus.getFirst()), worker(directory, second, cpus.getLast()));
        cleanup.add(pair::close);
        driver.pause();
        cleanup.add(driver::resume);
        return new Contender(name(), () -> round(driver, pair));
    }

    /** The driver wakes up all the time: it is held while others have their round. */
    private double[] round(BenchProcess driver, ProcessPair pair) {
        driver.resume();
        double[] figures = pair.run(task);
        driver.pause();
        return figures;
    }

    private static List<String> worker(String directory, String role, int cpu) {
        List<String> command = BenchProcess.java(AeronWorker.class, FLAGS, jars());
        command.addAll(List.of(directory, role, String.valueOf(cpu)));
        return command;
    }
}
