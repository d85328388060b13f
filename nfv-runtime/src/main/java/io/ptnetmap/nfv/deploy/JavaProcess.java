// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Starts further processes of this program, with the same Java and the same class path. */
public final class JavaProcess {
    private static final List<String> INHERITED = List.of(
            "-XX:AOTCache",
            "-XX:-AOT",
            "-XX:+Unlock",
            "-XX:+Ignore",
            "-XX:ArchiveRelocationMode",
            "-XX:+Use",
            "-Xm",
            "-Xlog");

    private static final Pattern AOT_CACHE = Pattern.compile("(-XX:AOTCache(?:Output)?=(?:.*/)?)[^/]*");

    private JavaProcess() {}

    /**
     * Starts a main class. Its standard output is discarded, its errors go where this process's go.
     *
     * @throws ChainFailedException if the process cannot be started
     */
    public static Process start(Class<?> mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options(mainClass));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass.getName());
        command.addAll(arguments);
        try {
            return new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException failure) {
            throw new ChainFailedException("cannot start a process: " + failure.getMessage(), failure);
        }
    }

    /** This process's own options for the JVM that concern start-up, memory and native access. */
    private static List<String> options(Class<?> mainClass) {
        List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
        ProcessHandle.current().info().arguments().map(Arrays::asList).orElse(List.of()).stream()
                .filter(option -> INHERITED.stream().anyMatch(option::startsWith))
                .map(option -> ownCache(option, mainClass))
                .forEach(options::add);
        return options;
    }

    /** Each main class has an AOT cache of its own, with what that program needs, beside the others. */
    private static String ownCache(String option, Class<?> mainClass) {
        return AOT_CACHE.matcher(option).replaceFirst("$1" + mainClass.getSimpleName() + ".aot");
    }
}
