// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.engine.Profiler;
import io.ptnetmap.nfv.engine.StateSource;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.vm.Accelerator;
import io.ptnetmap.nfv.vm.Installation;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a launcher needs besides the chain.
 *
 * @param functions makes the instances; open until the run is closed
 * @param pcap the capture that takes the place of the chain's own traffic, for other processes that read the descriptor
 *     again ({@link io.ptnetmap.nfv.chain.ChainDescriptor#withPcap})
 * @param machines about virtual machines
 * @param profile how to find out where the time goes
 * @param states where the states of functions are that outlive the process; without it, none does
 * @param beforeStart is given the chain when all but the functions of this process run: who wants to see the first packets
 *     {@linkplain ChainRun#tap looks} from here on
 */
public record LaunchOptions(
        FunctionRegistry functions,
        Optional<Path> pcap,
        Machines machines,
        Optional<Profile> profile,
        Optional<ChainStates> states,
        Consumer<ChainRun> beforeStart) {
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

    /**
     * Where the time goes.
     *
     * @param here follows the part of the chain in this process
     * @param recording this process's recording, after which those of the chain's other processes are named; without it, they
     *     take no time
     */
    public record Profile(Profiler here, Optional<Path> recording) {
        /** The recording of a function's own process: {@code edge.jfr} becomes {@code edge-firewall.jfr}. */
        public Optional<Path> recordingOf(String node) {
            return recording.map(file -> {
                String name = file.getFileName().toString();
                int end = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length();
                return file.resolveSibling(name.substring(0, end) + "-" + node + name.substring(end));
            });
        }
    }

    /** With nothing to be done before packets flow; no state outlives the process. */
    public LaunchOptions(
            FunctionRegistry functions, Optional<Path> pcap, Machines machines, Optional<Profile> profile) {
        this(functions, pcap, machines, profile, Optional.empty(), run -> {});
    }

    /** With the machines that the environment says, without a profile. */
    public LaunchOptions(FunctionRegistry functions, Optional<Path> pcap) {
        this(functions, pcap, Machines.ofThisUser(), Optional.empty());
    }

    /** What functions that are started find of what earlier ones knew. */
    StateSource stateSource() {
        return states.<StateSource>map(kept -> kept).orElse(StateSource.NONE);
    }

    /** The recording of a function's own process, if there is to be one. */
    Optional<Path> recordingOf(String node) {
        return profile.flatMap(wanted -> wanted.recordingOf(node));
    }
}
