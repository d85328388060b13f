// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Starts further processes of this program, with the same Java and the same class path. */
public final class JavaProcess {
    private JavaProcess() {}

    /**
     * Starts a main class. Its standard output is discarded, its errors go where this process's go.
     *
     * @throws ChainFailedException if the process cannot be started
     */
    public static Process start(Class<?> mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options());
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

    /** This process's own options for the JVM that concern start-up and native access. */
    private static List<String> options() {
        List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
        ProcessHandle.current().info().arguments().map(Arrays::asList).orElse(List.of()).stream()
                .filter(option -> option.startsWith("-XX:AOTCache=")
                        || option.startsWith("-XX:+Use")
                        || option.startsWith("-Xmx")
                        || option.startsWith("-Xlog"))
                .forEach(options::add);
        return options;
    }
}
