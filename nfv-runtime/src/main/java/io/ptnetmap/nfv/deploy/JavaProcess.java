// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Starts further processes of this program, with the same Java and the same class path. One that will be needed can be
 * {@linkplain #prepare prepared} before it is known with which arguments. Thread-safe.
 */
public final class JavaProcess {
    private static final List<String> INHERITED = List.of(
            "-XX:AOTCache",
            "-XX:-AOT",
            "-XX:SharedArchiveFile",
            "-XX:+Unlock",
            "-XX:+Ignore",
            "-XX:ArchiveRelocationMode",
            "-XX:+Use",
            "-XX:Tier",
            "-Xm",
            "-Xlog");

    private static final Pattern AOT_CACHE = Pattern.compile("(-XX:AOTCache(?:Output)?=(?:.*/)?)[^/]*");

    /** Ends each argument that is written to a prepared process; none can contain it. */
    private static final char END = '\0';

    private static final Map<Class<?>, List<Process>> PREPARED = new HashMap<>();
    private static boolean preparing;

    private JavaProcess() {}

    /**
     * Starts a main class, or takes a process of it that is prepared. Its standard output is discarded, its errors go where
     * this process's go.
     *
     * @throws ChainFailedException if the process cannot be started
     */
    public static Process start(Class<?> mainClass, List<String> arguments) {
        return prepared(mainClass)
                .filter(process -> give(process, arguments))
                .orElseGet(() -> start(
                        mainClass, arguments, Redirect.from(Path.of("/dev/null").toFile())));
    }

    /** Allows processes to be prepared, until they are {@linkplain #dismiss dismissed}. */
    static synchronized void expect() {
        preparing = true;
    }

    /**
     * Starts a main class that takes its arguments from {@link #arguments}, to have it ready for a later {@link #start}.
     *
     * @param hints what is known already; not among the arguments
     */
    static synchronized void prepare(Class<?> mainClass, String... hints) {
        if (preparing) {
            PREPARED.computeIfAbsent(mainClass, none -> new ArrayList<>())
                    .add(start(mainClass, List.of(hints), Redirect.PIPE));
        }
    }

    /** Ends prepared processes that nobody took; no more are prepared. */
    static synchronized void dismiss() {
        preparing = false;
        PREPARED.values().forEach(processes -> processes.forEach(Process::destroyForcibly));
        PREPARED.clear();
    }

    private static synchronized Optional<Process> prepared(Class<?> mainClass) {
        List<Process> processes = PREPARED.getOrDefault(mainClass, List.of());
        return processes.isEmpty() ? Optional.empty() : Optional.of(processes.removeFirst());
    }

    /** Returns whether the process took its arguments; one that has died meanwhile does not. */
    private static boolean give(Process process, List<String> arguments) {
        StringBuilder text = new StringBuilder();
        arguments.forEach(argument -> text.append(argument).append(END));
        try (OutputStream out = process.getOutputStream()) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            return false;
        }
        return process.isAlive();
    }

    /**
     * The arguments of a prepared process, as soon as they are there; none where the process is not needed, and should end.
     *
     * @param in the process's standard input
     */
    static String[] arguments(InputStream in) {
        try {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.isEmpty()
                    ? new String[0]
                    : text.substring(0, text.length() - 1).split("\0", -1);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("no arguments: " + unreadable.getMessage(), unreadable);
        }
    }

    private static Process start(Class<?> mainClass, List<String> arguments, Redirect input) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options(mainClass));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass.getName());
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command)
                    .redirectInput(input)
                    .redirectOutput(Redirect.DISCARD)
                    .redirectError(Redirect.INHERIT)
                    .start();
        } catch (IOException failure) {
            throw new ChainFailedException("cannot start a process: " + failure.getMessage(), failure);
        }
    }

    /** This process's own options for the JVM that concern start-up, memory and native access. */
    private static List<String> options(Class<?> mainClass) {
        List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
        ownOptions(INHERITED).stream()
                .map(option -> ownCache(option, mainClass))
                .forEach(options::add);
        return options;
    }

    /** Those options of this process's JVM that begin so. */
    public static List<String> ownOptions(List<String> prefixes) {
        return ProcessHandle.current().info().arguments().map(Arrays::asList).orElse(List.of()).stream()
                .filter(option -> prefixes.stream().anyMatch(option::startsWith))
                .toList();
    }

    /** Each main class has an AOT cache of its own, with what that program needs, beside the others. */
    private static String ownCache(String option, Class<?> mainClass) {
        return AOT_CACHE.matcher(option).replaceFirst("$1" + mainClass.getSimpleName() + ".aot");
    }
}
