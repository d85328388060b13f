// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.options;

import io.ptnetmap.nfv.chain.ChainDescriptor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --functions}: where functions of the user's own are. */
public final class FunctionPathOption {
    @Option(
            names = "--functions",
            paramLabel = "JAR|DIR",
            description = "Jar, or directory of jars, with functions of your own; may be repeated.")
    private List<Path> paths = new ArrayList<>();

    /** In the order in which they were given. */
    public List<Path> paths() {
        return paths;
    }

    /** Those that a chain names, then these. */
    public List<Path> behindThoseOf(ChainDescriptor chain) {
        List<Path> all = new ArrayList<>(chain.functionPath());
        all.addAll(paths);
        return all;
    }
}
