// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node;

import io.ptnetmap.nfv.chain.ChainFiles;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a node is to be.
 *
 * @param name what it is called
 * @param state directory of its store and of the descriptors that it has accepted
 * @param data directory where the files are that chains name
 * @param allowed further directories that chains may name files in
 * @param functionPath jars and directories with functions that every chain may use
 * @param drain how long packets on their way have when a chain is stopped
 * @param machines about virtual machines
 */
public record NodeSettings(
        String name,
        Path state,
        Path data,
        List<Path> allowed,
        List<Path> functionPath,
        Duration drain,
        LaunchOptions.Machines machines) {
    /** Where chains may have files. */
    ChainFiles files() {
        return ChainFiles.confinedTo(data, allowed);
    }
}
