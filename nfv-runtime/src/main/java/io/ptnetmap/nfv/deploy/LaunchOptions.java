// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.registry.FunctionRegistry;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a launcher needs besides the chain.
 *
 * @param functions makes the instances; open until the run is closed
 * @param pcap the capture that takes the place of the chain's own traffic, for other processes that read the descriptor
 *     again ({@link io.ptnetmap.nfv.chain.ChainDescriptor#withPcap})
 */
public record LaunchOptions(FunctionRegistry functions, Optional<Path> pcap) {}
