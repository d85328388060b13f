// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts programs that die with this one, however it dies: Linux kills them ({@code PR_SET_PDEATHSIG}). They are in a session
 * of their own, where Ctrl-C at the terminal does not reach them. Thread-safe.
 */
final class Leash {
    /** Linux takes the end of the thread that has started a program for the end of its parent: this one stays. */
    private static final ExecutorService PARENT = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().daemon().name("leash").unstarted(task));

    private static final List<String> LEASH = List.of("setsid", "setpriv", "--pdeathsig", "KILL", "--");

    private Leash() {}

    /**
     * Starts a program. The process is the program's own: setsid and setpriv become it.
     *
     * @param output where its output and errors go
     */
    static Process start(List<String> command, Path output) {
        List<String> leashed = new ArrayList<>(LEASH);
        leashed.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(leashed)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        try {
            return CompletableFuture.supplyAsync(() -> start(builder), PARENT).join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof MachineException known ? known : failure;
        }
    }

    private static Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException failure) {
            throw new MachineException(
                    "cannot start a virtual machine: " + failure.getMessage()
                            + "; setsid and setpriv come with util-linux",
                    failure);
        }
    }
}
