// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.deploy;

import io.ptnetmap.nfv.chain.Chain;
import io.ptnetmap.nfv.telemetry.ChainHealth.PartId;
import io.ptnetmap.nfv.vm.Hypervisor;
import io.ptnetmap.nfv.vm.MachineConfig;
import io.ptnetmap.nfv.vm.MachineException;
import io.ptnetmap.nfv.vm.VirtualMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A virtual machine with the functions that are placed in it. */
final class MachineRunner implements PartRunner {
    /** With KVM: from QEMU's start until Java has built the part. */
    private static final Duration START_LIMIT = Duration.ofSeconds(40);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);
    private static final Duration END_LIMIT = Duration.ofSeconds(3);

    private final Hypervisor hypervisor;
    private final MachineConfig config;
    private final Path directory;
    private final MachineContents contents;
    private final boolean shown;
    private VirtualMachine machine;

    /**
     * @param directory for the machine's sockets and console
     * @param contents what it is to run
     * @param shown whether its console is shown on the standard error
     */
    MachineRunner(
            Hypervisor hypervisor, MachineConfig config, Path directory, MachineContents contents, boolean shown) {
        this.hypervisor = hypervisor;
        this.config = config;
        this.directory = directory;
        this.contents = contents;
        this.shown = shown;
    }

    @Override
    public PartId part() {
        return PartId.machine(config.name());
    }

    @Override
    public String toString() {
        return part().toString();
    }

    @Override
    public void launch() {
        try {
            machine = hypervisor.start(config, directory, contents);
            if (shown) {
                machine.followConsole(line -> System.err.println(config.name() + "| " + line));
            }
        } catch (MachineException failure) {
            throw new ChainFailedException(failure.getMessage(), failure);
        }
    }

    @Override
    public void relaunch() {
        kill();
        launch();
    }

    @Override
    public boolean memoryIsKept() {
        return Launcher.isServed(config.host());
    }

    @Override
    public Control connect() throws IOException {
        if (!machine.control().isOpen()) {
            throw new IOException("the machine no longer listens");
        }
        return new Control(machine.control());
    }

    @Override
    public boolean isAlive() {
        return machine != null && machine.isAlive();
    }

    @Override
    public Duration startLimit() {
        return hypervisor.accelerator().patience(START_LIMIT);
    }

    @Override
    public Duration answerLimit() {
        return hypervisor.accelerator().patience(ANSWER_LIMIT);
    }

    @Override
    public Duration promptLimit() {
        return answerLimit();
    }

    @Override
    public Duration patience(Duration usual) {
        return hypervisor.accelerator().patience(usual);
    }

    @Override
    public boolean hasFilesOfItsOwn() {
        return true;
    }

    @Override
    public Map<String, Path> filesFor(Chain target) {
        return contents.missing(target);
    }

    @Override
    public void given() {
        contents.given();
    }

    @Override
    public String descriptorOf(Chain target) {
        return MachineContents.DESCRIPTOR;
    }

    @Override
    public List<String> lastWords() {
        return machine == null ? List.of() : machine.lastWords();
    }

    @Override
    public void kill() {
        if (machine != null) {
            machine.close();
        }
    }

    /** A guest whose part has ended switches itself off. */
    @Override
    public void awaitEnd() {
        if (machine != null) {
            machine.awaitEnd(END_LIMIT);
            machine.close();
        }
    }
}
