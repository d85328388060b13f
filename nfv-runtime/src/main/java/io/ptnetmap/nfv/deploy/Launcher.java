// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.Netmap;
import io.ptnetmap.NetmapException;
import io.ptnetmap.host.AttachClient;
import io.ptnetmap.host.EmbeddedHost;
import io.ptnetmap.kernel.KernelDriver;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.Chain.Node;
import io.ptnetmap.nfv.chain.Chain.Placement;
import io.ptnetmap.nfv.engine.Engine;
import io.ptnetmap.nfv.engine.EngineBuilder;
import io.ptnetmap.nfv.engine.LinkIds;
import io.ptnetmap.nfv.engine.StampBoard;
import io.ptnetmap.nfv.engine.SwitchLink;
import io.ptnetmap.nfv.vm.Hypervisor;
import io.ptnetmap.nfv.vm.MachineConfig;
import io.ptnetmap.nfv.vm.MachineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs chains on this machine: functions with {@code process: same} on workers of this process, those with {@code process: own}
 * each in a process of its own, those with {@code vm: NAME} together in a virtual machine.
 *
 * <p>A chain of one process gets an embedded host of its own within it. The region of a chain of several is kept by one
 * more process, which moves no packets, so that each of the others may die. Where there is {@code /dev/netmap}, or {@code
 * PTNETMAP_HOST} names a host, that is used instead.
 */
public final class Launcher implements ChainLauncher {
    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
    private static final long HOST_TIMEOUT_NANOS = 15_000_000_000L;
    private static final long CONNECT_INTERVAL_NANOS = 5_000_000L;

    @Override
    public ChainRun launch(Chain chain, LaunchOptions options) {
        Deque<AutoCloseable> toClose = new ArrayDeque<>();
        try {
            return chain.nodes().stream().allMatch(LocalPart::isHere)
                    ? launchHere(chain, options, toClose)
                    : launchSeveral(chain, options, toClose);
        } catch (NetmapException | LinuxException | MachineException refused) {
            closeAll(toClose);
            throw new ChainFailedException(refused.getMessage(), refused);
        } catch (RuntimeException refused) {
            closeAll(toClose);
            throw refused;
        } finally {
            HeadStart.end();
        }
    }

    private static ChainRun launchHere(Chain chain, LaunchOptions options, Deque<AutoCloseable> toClose) {
        MemoryPlan plan = MemoryPlan.of(chain);
        Optional<Netmap> shared = sharedHost();
        requireOwnHost(chain, shared.isPresent());
        shared.ifPresent(netmap -> requireRoom(plan, chain, netmap));
        Netmap netmap = shared.orElseGet(() -> {
            EmbeddedHost host = HostMain.create(plan.region(), plan.regions(), SwitchLink.of(chain));
            toClose.push(host);
            return Netmap.over(host);
        });
        LocalPart part = new LocalPart(buildHere(netmap, chain, options, Optional.empty()));
        toClose.push(part);
        SupervisedRun run = new SupervisedRun(
                chain,
                part,
                List.of(),
                new SwitchAccounts(chain, netmap.driver(), true),
                new ChangeSetting(
                        netmap, options, launched -> processesLater(netmap, launched, part, options, toClose)),
                () -> closeAll(toClose));
        begin(run, part, options);
        return run;
    }

    /** Regions and switches are made when a host starts, so links that need some need a host of the chain's own. */
    private static void requireOwnHost(Chain chain, boolean shared) {
        if (shared && chain.regions() > 1) {
            throw new ChainFailedException(
                    "chain " + chain.name() + " has links of type vale, for which it needs a host of its"
                            + " own: run it where there is no /dev/netmap and without " + Netmap.HOST_VARIABLE);
        }
    }

    private static void begin(SupervisedRun run, ChainPart here, LaunchOptions options) {
        try {
            options.beforeStart().accept(run);
            CleanHeap.make();
            here.start();
            run.keepStates();
        } catch (RuntimeException refused) {
            run.close();
            throw refused;
        }
    }

    /** Processes of functions that come into a chain of one process: from then on its region is served to them. */
    private static OwnProcesses processesLater(
            Netmap netmap, Chain chain, LocalPart here, LaunchOptions options, Deque<AutoCloseable> toClose) {
        if (netmap.driver() instanceof KernelDriver) {
            throw new ChainFailedException(
                    "a chain that was started on /dev/netmap in one process gets no other ones while it runs: start it with"
                            + " one function in a process of its own");
        }
        RunDirectory directory = RunDirectory.claim(chain);
        toClose.push(directory);
        here.stamps(directory.stamps());
        Optional<Path> named = Netmap.namedSocket();
        if (netmap.driver() instanceof EmbeddedHost embedded) {
            toClose.push(embedded.serve(directory.hostSocket()));
        }
        return new OwnProcesses(directory, named.orElseGet(directory::hostSocket), false, options, toClose::push);
    }

    /** A region that was there before; the kernel's is configured by its administrator, port by port. */
    private static void requireRoom(MemoryPlan plan, Chain chain, Netmap netmap) {
        if (!(netmap.driver() instanceof KernelDriver)) {
            plan.requireRoom(chain, netmap.driver().poolsInfo("", 0));
        }
    }

    private static Engine buildHere(Netmap netmap, Chain chain, LaunchOptions options, Optional<StampBoard> stamps) {
        EngineBuilder builder = Engine.builder(netmap).stamps(stamps);
        options.profile().ifPresent(profile -> builder.profiled(profile.here()));
        builder.states(options.stateSource());
        return builder.build(chain, LocalPart::isHere, options.functions());
    }

    /** What chains' ports are here: {@code kernel} or {@code embedded}. */
    public static String driver() {
        return KernelDriver.available() ? "kernel" : "embedded";
    }

    /** A host that exists anyway, for all programs of this machine. */
    private static Optional<Netmap> sharedHost() {
        return KernelDriver.available() || Netmap.namedSocket().isPresent()
                ? Optional.of(Netmap.system())
                : Optional.empty();
    }

    private static ChainRun launchSeveral(Chain chain, LaunchOptions options, Deque<AutoCloseable> toClose) {
        Optional<Hypervisor> hypervisor = hypervisor(chain, options.machines());
        RunDirectory directory = RunDirectory.claim(chain);
        toClose.push(directory);
        MemoryPlan plan = MemoryPlan.of(chain);
        requireOwnHost(chain, Netmap.namedSocket().isPresent());
        Host host = host(chain, plan, directory, toClose);
        OwnProcesses processes =
                new OwnProcesses(directory, host.socket(), host.process().isEmpty(), options, toClose::push);
        List<ChainPart> parts = new ArrayList<>();
        for (Node node : chain.nodes()) {
            if (node.placement() == Placement.OWN) {
                parts.add(processes.launch(chain, LinkIds.of(chain), node));
            }
        }
        // Processes wait for the host by themselves, QEMU does not.
        Netmap netmap = Netmap.over(connect(host));
        toClose.push(netmap);
        requireRoom(plan, chain, netmap);
        if (!chain.vms().isEmpty() && !processes.present().isKnown()) {
            processes.present().become(chain, LinkIds.of(chain));
        }
        for (String vm : chain.vms().keySet()) {
            parts.add(launch(
                    vm,
                    machine(chain, vm, hypervisor.orElseThrow(), host, directory, processes, options),
                    onFailureOf(chain, vm),
                    toClose));
        }
        LocalPart here = new LocalPart(buildHere(netmap, chain, options, directory.stamps()));
        toClose.push(here);
        // This part last: by then there is somebody to take the packets.
        parts.forEach(ChainPart::start);
        SwitchAccounts switches =
                new SwitchAccounts(chain, netmap.driver(), host.process().isPresent());
        SupervisedRun run = new SupervisedRun(
                chain,
                here,
                parts,
                switches,
                new ChangeSetting(netmap, options, launched -> processes),
                () -> closeAll(toClose));
        begin(run, here, options);
        return run;
    }

    private static Optional<Hypervisor> hypervisor(Chain chain, LaunchOptions.Machines machines) {
        return chain.vms().isEmpty()
                ? Optional.empty()
                : Optional.of(Hypervisor.open(machines.installation(), machines.accelerator()));
    }

    /** What to do when a machine keeps dying: to stop, if any of its functions has it so. */
    static Chain.OnFailure onFailureOf(Chain chain, String vm) {
        List<Chain.OnFailure> all = chain.nodes().stream()
                .filter(node -> node.vm().equals(vm))
                .map(Node::onFailure)
                .toList();
        return all.stream()
                .filter(onFailure -> onFailure.reaction() == Chain.Reaction.STOP)
                .findFirst()
                .orElse(all.getFirst());
    }

    /** What the part in a machine is called. */
    static String placeOf(String vm) {
        return "vm " + vm;
    }

    private static RemotePart launch(
            String vm, PartRunner runner, Chain.OnFailure onFailure, Deque<AutoCloseable> toClose) {
        RemotePart part = new RemotePart(runner, placeOf(vm), RunDirectory::takenName, onFailure);
        toClose.push(part);
        part.launch();
        return part;
    }

    private static PartRunner machine(
            Chain chain,
            String vm,
            Hypervisor hypervisor,
            Host host,
            RunDirectory directory,
            OwnProcesses processes,
            LaunchOptions options) {
        Chain.Vm settings = chain.vms().get(vm);
        MachineConfig config = new MachineConfig(
                vm, settings.memory(), settings.cpus(), host.socket().toAbsolutePath(), VmMain.portsOf(chain, vm));
        MachineContents contents = new MachineContents(
                vm,
                processes.present(),
                now -> new GuestProgram(
                        now, vm, options.pcap(), options.profile().isPresent(), hypervisor.javaOptions()),
                processes::provideState);
        return new MachineRunner(
                hypervisor,
                config,
                directory.path(),
                contents,
                options.machines().consoles().contains(vm));
    }

    /**
     * The embedded host that keeps the region.
     *
     * @param process if it is being started for this run
     */
    private record Host(Path socket, Optional<Process> process) {}

    /** A host that runs already, or one that is being started. */
    private static Host host(Chain chain, MemoryPlan plan, RunDirectory directory, Deque<AutoCloseable> toClose) {
        Optional<Path> named = Netmap.namedSocket();
        if (named.isPresent()) {
            return new Host(named.get(), Optional.empty());
        }
        Path socket = directory.hostSocket();
        if (isServed(socket)) {
            return new Host(socket, Optional.empty());
        }
        Process process = JavaProcess.start(HostMain.class, HostMain.arguments(socket, plan, SwitchLink.of(chain)));
        toClose.push(() -> end(process, socket));
        return new Host(socket, Optional.of(process));
    }

    /** Whether a host is there at its socket. */
    static boolean isServed(Path socket) {
        try {
            AttachClient.connect(socket).close();
            return true;
        } catch (LinuxException nobody) {
            return false;
        }
    }

    /** Waits, so that the next run does not find a host that is about to go. */
    private static void end(Process host, Path socket) throws IOException {
        host.destroy();
        host.onExit().join();
        Files.deleteIfExists(socket);
    }

    private static AttachClient connect(Host host) {
        long deadline = System.nanoTime() + HOST_TIMEOUT_NANOS;
        while (true) {
            try {
                return AttachClient.connect(host.socket());
            } catch (LinuxException notYet) {
                if (System.nanoTime() - deadline > 0) {
                    throw notYet;
                }
                if (host.process().filter(process -> !process.isAlive()).isPresent()) {
                    throw new ChainFailedException("the process that keeps the chain's memory ended while starting");
                }
                LockSupport.parkNanos(CONNECT_INTERVAL_NANOS);
            }
        }
    }

    /** Closes in the reverse order of creation; all of it, even if something fails on the way. */
    private static void closeAll(Deque<AutoCloseable> toClose) {
        while (!toClose.isEmpty()) {
            try {
                toClose.pop().close();
            } catch (Exception failure) {
                LOG.warn("while closing: {}", failure.getMessage(), failure);
            }
        }
    }
}
