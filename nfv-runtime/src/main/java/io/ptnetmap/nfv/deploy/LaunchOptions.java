// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.vm.Accelerator;
import io.ptnetmap.nfv.vm.Installation;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What a launcher needs besides the chain.
 *
 * @param functions makes the instances; open until the run is closed
 * @param pcap the capture that takes the place of the chain's own traffic, for other processes that read the descriptor
 *     again ({@link io.ptnetmap.nfv.chain.ChainDescriptor#withPcap})
 * @param machines about virtual machines
 */
public record LaunchOptions(FunctionRegistry functions, Optional<Path> pcap, Machines machines) {
    /**
     * About virtual machines.
     *
     * @param installation where QEMU and the guest image are
     * @param accelerator what runs them
     * @param consoles machines whose consoles are shown on the standard error, as they write
     */
    public record Machines(Installation installation, Accelerator.Choice accelerator, Set<String> consoles) {
        /** As the environment says; no consoles. */
        public static Machines ofThisUser() {
            return new Machines(Installation.ofThisUser(), Accelerator.Choice.ofThisUser(), Set.of());
        }
    }

    /** With the machines that the environment says. */
    public LaunchOptions(FunctionRegistry functions, Optional<Path> pcap) {
        this(functions, pcap, Machines.ofThisUser());
    }
}
