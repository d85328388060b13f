// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.engine;

import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.deploy.Launcher;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A chain that a test has launched, with the functions it is made of.
 *
 * @param functions open as long as the chain
 */
public record RunningChain(FunctionRegistry functions, ChainRun run) implements AutoCloseable {
    /** Writes a descriptor and launches its chain. */
    public static RunningChain launch(Path directory, String yaml) throws IOException {
        return launch(Files.writeString(directory.resolve("chain.yaml"), yaml));
    }

    /** Launches the chain of a descriptor. */
    public static RunningChain launch(Path file) {
        return launch(file, Optional.empty());
    }

    /** Launches the chain of a descriptor, and finds out where its time goes. */
    public static RunningChain launch(Path file, Optional<LaunchOptions.Profile> profile) {
        FunctionRegistry functions = FunctionRegistry.open();
        try {
            ChainRun run = new Launcher()
                    .launch(
                            ChainDescriptor.read(file).resolve(functions, List.of()),
                            new LaunchOptions(
                                    functions, Optional.empty(), LaunchOptions.Machines.ofThisUser(), profile));
            return new RunningChain(functions, run);
        } catch (RuntimeException refused) {
            functions.close();
            throw refused;
        }
    }

    @Override
    public void close() {
        run.close();
        functions.close();
    }
}
