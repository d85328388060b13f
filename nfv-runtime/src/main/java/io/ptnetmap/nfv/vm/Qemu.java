// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * QEMU's program and what it can do.
 *
 * @param version as it names itself
 * @param passesThrough whether it has the device {@value #DEVICE}
 * @param sandbox whether it can give up system calls that it does not need
 */
record Qemu(Path program, String version, boolean passesThrough, boolean sandbox) {
    static final String DEVICE = "e1000-paravirt";
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /** A kernel that panics reboots at once, which ends QEMU. */
    private static final List<String> KERNEL_PARAMETERS = List.of("console=ttyS0", "quiet", "panic=-1");

    /** @throws MachineException if it cannot be run */
    static Qemu inspect(Path program) {
        Answer version = ask(program, "--version");
        if (version.status() != 0) {
            throw new MachineException(program + " is no QEMU that runs here: " + version.line(""));
        }
        return new Qemu(
                program,
                version.line("QEMU emulator version"),
                ask(program, "-device", DEVICE + ",help")
                        .line(DEVICE + " options")
                        .startsWith(DEVICE),
                ask(program, "-sandbox", "on", "--version").status() == 0);
    }

    /** @throws MachineException if it passes nothing through */
    Qemu requirePassthrough() {
        if (!passesThrough) {
            throw new MachineException(program + " (" + version + ") has no device " + DEVICE
                    + ": it is not the QEMU that './nfv setup qemu' builds; run that, or remove "
                    + Installation.QEMU_VARIABLE);
        }
        return this;
    }

    private record Answer(int status, List<String> lines) {
        /** The first line that starts so; where there is none, the first one: warnings may come before what was asked for. */
        String line(String start) {
            return lines.stream()
                    .filter(line -> line.startsWith(start))
                    .findFirst()
                    .orElse(lines.getFirst());
        }
    }

    private static Answer ask(Path program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(Arrays.asList(arguments));
        try {
            Path output = Files.createTempFile("ptnetmap-qemu", ".txt");
            try {
                Process process = Leash.start(command, output);
                boolean ended = process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
                process.destroyForcibly();
                if (!ended) {
                    return new Answer(-1, List.of("it does not answer"));
                }
                List<String> lines = Files.readAllLines(output);
                return new Answer(process.exitValue(), lines.isEmpty() ? List.of("it says nothing") : lines);
            } finally {
                Files.delete(output);
            }
        } catch (IOException failure) {
            throw new MachineException("cannot run " + program + ": " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MachineException("interrupted while looking at " + program, interrupted);
        }
    }

    /**
     * The command line of a machine that boots an image.
     *
     * @param files its sockets and files, all of which exist or are served but the console
     */
    List<String> command(MachineConfig machine, GuestImage image, Accelerator accelerator, MachineFiles files) {
        List<String> command = new ArrayList<>(List.of(program.toString(), "-name", "guest=" + machine.name()));
        command.addAll(List.of("-machine", "q35"));
        command.addAll(accelerator.options(machine.cpus()));
        command.addAll(List.of("-m", (machine.memory() + (1 << 20) - 1 >> 20) + "M"));
        command.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"));
        if (sandbox) {
            command.addAll(
                    List.of("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));
        }
        command.addAll(List.of("-kernel", image.kernel().toString()));
        command.addAll(List.of("-initrd", files.initialFiles().toString()));
        List<String> parameters = new ArrayList<>(KERNEL_PARAMETERS);
        parameters.addAll(image.kernelParameters());
        command.addAll(List.of("-append", String.join(" ", parameters)));
        // The machine's own devices take the first places on the bus; NICs have theirs behind them, in order.
        command.addAll(List.of(
                "-drive", "if=none,id=root,format=raw,readonly=on,file=" + escape(image.disk()),
                "-device", "virtio-blk-pci,drive=root,serial=" + GuestImage.DISK_SERIAL));
        command.addAll(List.of("-chardev", "file,id=console,path=" + escape(files.console())));
        command.addAll(List.of("-serial", "chardev:console"));
        command.addAll(List.of(
                "-chardev", "socket,id=control,path=" + escape(files.control()),
                "-device", "virtio-serial-pci",
                "-device", "virtserialport,chardev=control,name=" + MachineConfig.CONTROL_PORT));
        command.addAll(List.of(
                "-chardev", "socket,id=qmp,path=" + escape(files.monitor()), "-mon", "chardev=qmp,mode=control"));
        for (int i = 0; i < machine.ports().size(); i++) {
            command.addAll(nic(machine, i));
        }
        return command;
    }

    private static List<String> nic(MachineConfig machine, int number) {
        String id = "n" + number;
        return List.of(
                "-netdev",
                "netmap,id=" + id + ",passthrough=on,ifname="
                        + escape(machine.ports().get(number)) + ",devname=" + escape(machine.host()),
                "-device",
                DEVICE + ",netdev=" + id + ",mac=" + machine.mac(number) + ",romfile=,addr=0x"
                        + Integer.toHexString(MachineConfig.FIRST_NIC + number));
    }

    /** In QEMU's options a comma ends a value unless it is doubled. */
    private static String escape(Object value) {
        return value.toString().replace(",", ",,");
    }
}
