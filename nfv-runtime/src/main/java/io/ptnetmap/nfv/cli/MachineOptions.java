// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.vm.Accelerator;
import io.ptnetmap.nfv.vm.Installation;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** What virtual machines are run by, and whose consoles to show. */
final class MachineOptions {
    @Option(
            names = "--console",
            paramLabel = "VM",
            description = "Show the console of this virtual machine on standard error; may be repeated.")
    private Set<String> consoles = new LinkedHashSet<>();

    @Option(
            names = "--accelerator",
            paramLabel = "KIND",
            description = "kvm, tcg (emulation), or auto: kvm where it works. Default: PTNETMAP_ACCELERATOR, or auto.")
    private Optional<Accelerator.Choice> accelerator;

    @Option(
            names = "--qemu",
            paramLabel = "FILE",
            description = "Another QEMU than that of 'nfv setup qemu'. Default: PTNETMAP_QEMU, if it is set.")
    private Optional<Path> qemu;

    LaunchOptions.Machines machines() {
        Installation installation = Installation.ofThisUser();
        return new LaunchOptions.Machines(
                qemu.map(installation::withQemu).orElse(installation),
                accelerator.orElseGet(Accelerator.Choice::ofThisUser),
                consoles);
    }
}
