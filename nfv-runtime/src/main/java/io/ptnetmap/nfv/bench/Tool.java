// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Programs that a machine may have. */
final class Tool {
    private Tool() {}

    /** Whether there is a program of this name in {@code PATH}. */
    static boolean isHere(String program) {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /**
     * Makes sure that there is a program.
     *
     * @param aptPackage that holds it
     */
    static void require(String program, String aptPackage) {
        if (!isHere(program)) {
            throw new MissingException("no " + program + " here; 'apt-get install " + aptPackage + "' provides it");
        }
    }

    /**
     * What a command says on standard output, without white space around it.
     *
     * @throws MissingException if there is no such program, or it fails; with the first line of what it said
     */
    static String output(List<String> command) {
        return output(command, new byte[0]);
    }

    /** The same, of a command that is given {@code input}. */
    static String output(List<String> command, byte[] input) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().write(input);
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new MissingException(command.getFirst() + " fails: "
                        + said.lines().findFirst().orElse("without a word"));
            }
            return said;
        } catch (IOException failure) {
            throw new MissingException(command.getFirst() + ": " + failure.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MissingException(command.getFirst() + " was interrupted");
        }
    }
}
