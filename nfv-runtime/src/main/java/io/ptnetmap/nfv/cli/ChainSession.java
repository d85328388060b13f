// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.linux.FileErrors;
import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.chain.ChainDescriptor;
import io.ptnetmap.nfv.chain.NodeConfigurationException;
import io.ptnetmap.nfv.chain.Suggestion;
import io.ptnetmap.nfv.deploy.ChainFailedException;
import io.ptnetmap.nfv.deploy.ChainLauncher;
import io.ptnetmap.nfv.deploy.ChainRequestException;
import io.ptnetmap.nfv.deploy.ChainRun;
import io.ptnetmap.nfv.deploy.LaunchOptions;
import io.ptnetmap.nfv.registry.FunctionRegistry;
import io.ptnetmap.nfv.state.FunctionStates;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a chain in the foreground, from its descriptor to its summary. */
final class ChainSession {
    private static final Logger LOG = LoggerFactory.getLogger(ChainSession.class);
    private static final Duration VIEW_INTERVAL = Duration.ofMillis(500);
    private static final Duration DRAIN_TIME = Duration.ofSeconds(5);

    private final ChainLauncher launcher;
    private final PrintWriter out;
    private final Settings settings;
    private Optional<ProfiledRun> profile = Optional.empty();
    private OptionalInt exitCode = OptionalInt.empty();

    /**
     * How to run it.
     *
     * @param pcap capture in place of the chain's own traffic
     * @param functionPath jars and directories besides those that the descriptor names
     * @param duration after which the chain is drained
     * @param json whether the summary is JSON, alone on the output
     * @param live whether to show the chain at work
     * @param terminal whether the output can be redrawn in place
     * @param machines about virtual machines
     * @param state directory where the states of functions are kept for the next run; without it, they are not kept
     * @param recording where to record what the chain does with its time
     * @param watch what to capture and to follow
     */
    record Settings(
            Optional<Path> pcap,
            List<Path> functionPath,
            Optional<Duration> duration,
            boolean json,
            boolean live,
            boolean terminal,
            LaunchOptions.Machines machines,
            Optional<Path> state,
            Optional<Path> recording,
            PacketWatch watch) {}

    ChainSession(ChainLauncher launcher, PrintWriter out, Settings settings) {
        this.launcher = launcher;
        this.out = out;
        this.settings = settings;
    }

    /** Runs the chain of a file to its end and prints the summary. Returns the exit code. */
    int run(Path file) throws InterruptedException {
        ChainDescriptor read = ChainDescriptor.read(file);
        ChainDescriptor descriptor = settings.pcap().map(read::withPcap).orElse(read);
        List<Path> functionPath = new ArrayList<>(descriptor.functionPath());
        settings.functionPath()
                .forEach(entry -> functionPath.add(entry.toAbsolutePath().normalize()));
        try (FunctionRegistry functions = FunctionRegistry.open(functionPath)) {
            Chain chain = descriptor.resolve(functions, functionPath);
            requireMachines(chain);
            tellWhatIsNotKept(chain);
            if (!chain.vms().isEmpty() && settings.live() && !settings.json()) {
                out.println("starting virtual machines: "
                        + String.join(", ", chain.vms().keySet()));
                out.flush();
            }
            profile = settings.recording().map(recording -> ProfiledRun.start(chain, recording));
            Optional<FunctionStates> states = settings.state().map(ChainSession::openStates);
            try (ChainRun run = launcher.launch(
                    chain,
                    new LaunchOptions(
                            functions,
                            settings.pcap(),
                            settings.machines(),
                            profile.map(ProfiledRun::launchProfile),
                            states.map(kept -> kept.of(chain.name())),
                            settings.watch()::begin))) {
                return follow(run, file.toAbsolutePath().getParent());
            } finally {
                // Not as a method reference: that would have the store's classes be looked for, which are not here
                // without --state.
                states.ifPresent(kept -> kept.close());
                profile.ifPresent(ProfiledRun::close);
            }
        } catch (NodeConfigurationException e) {
            throw descriptor.explain(e);
        }
    }

    private static FunctionStates openStates(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException failure) {
            throw new ChainFailedException(
                    "cannot make directory " + directory + ": " + FileErrors.why(failure), failure);
        }
        return FunctionStates.open(directory.resolve(FunctionStates.FILE));
    }

    private void tellWhatIsNotKept(Chain chain) {
        if (settings.state().isEmpty()) {
            chain.nodes().stream()
                    .filter(node -> node.persist().isPresent())
                    .forEach(node -> LOG.warn(
                            "what function '{}' knows is not kept: --state DIR says where to keep it", node.name()));
        }
    }

    private void requireMachines(Chain chain) {
        for (String vm : settings.machines().consoles()) {
            if (!chain.vms().containsKey(vm)) {
                throw new ChainRequestException("no virtual machine '" + vm + "' in this chain"
                        + Suggestion.among(vm, chain.vms().keySet()));
            }
        }
    }

    private int follow(ChainRun run, Path directory) throws InterruptedException {
        Thread onInterrupt = new Thread(() -> drainAndFinish(run, directory), "drain on interrupt");
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        try {
            boolean ended = watch(run);
            if (!ended) {
                run.drain(DRAIN_TIME);
            }
            return finish(run, directory);
        } catch (ChainFailedException e) {
            finish(run, directory);
            throw e;
        } finally {
            removeHook(onInterrupt);
        }
    }

    /** Shows the chain until it ends by itself (true) or its time is over (false). */
    private boolean watch(ChainRun run) throws InterruptedException {
        LiveView view = new LiveView(out, settings.terminal());
        long end = settings.duration().map(d -> System.nanoTime() + d.toNanos()).orElse(Long.MAX_VALUE);
        while (true) {
            boolean ended = run.await(remaining(end));
            if (settings.live() && !settings.json()) {
                view.show(run.snapshot());
            }
            if (ended || remaining(end).isZero()) {
                return ended;
            }
        }
    }

    private static Duration remaining(long end) {
        if (end == Long.MAX_VALUE) {
            return VIEW_INTERVAL;
        }
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        return left.compareTo(VIEW_INTERVAL) < 0 ? left : VIEW_INTERVAL;
    }

    private void drainAndFinish(ChainRun run, Path directory) {
        try {
            run.drain(DRAIN_TIME);
            finish(run, directory);
            run.close();
        } catch (InterruptedException | RuntimeException e) {
            out.println("nfv: the chain could not be drained: " + e.getMessage());
            out.flush();
        }
    }

    /** Prints the summary, once, whether the chain's end or an interrupt comes first. */
    private synchronized int finish(ChainRun run, Path directory) {
        if (exitCode.isEmpty()) {
            Summary summary = Summary.of(
                    run,
                    directory,
                    profile.map(profiled -> profiled.report(run)),
                    settings.watch().end());
            if (settings.json()) {
                out.println(summary.json());
                out.flush();
            } else {
                summary.print(out);
            }
            exitCode = OptionalInt.of(summary.complete() ? ExitCodes.OK : ExitCodes.CHAIN_FAILED);
        }
        return exitCode.getAsInt();
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException interrupted) {
            // The hook is at work: it ends the program.
        }
    }
}
