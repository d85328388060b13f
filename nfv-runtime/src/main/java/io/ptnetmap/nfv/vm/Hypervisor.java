// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts virtual machines of the guest image. Thread-safe. */
public final class Hypervisor {
    private static final Logger LOG = LoggerFactory.getLogger(Hypervisor.class);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
    private static final long LOOK_MILLIS = 5;

    private final Qemu qemu;
    private final GuestImage image;
    private final Accelerator accelerator;

    private Hypervisor(Qemu qemu, GuestImage image, Accelerator accelerator) {
        this.qemu = qemu;
        this.image = image;
        this.accelerator = accelerator;
    }

    /**
     * Looks for what machines need. The first time, finding out whether KVM works takes some seconds.
     *
     * @throws MachineException if something is missing
     */
    public static Hypervisor open(Installation installation, Accelerator.Choice choice) {
        GuestImage image = GuestImage.in(installation.image());
        Qemu qemu = Qemu.inspect(installation.requireQemu()).requirePassthrough();
        return new Hypervisor(qemu, image, accelerator(installation, choice));
    }

    private static Accelerator accelerator(Installation installation, Accelerator.Choice choice) {
        if (choice == Accelerator.Choice.AUTO) {
            Optional<KvmProbe.Obstacle> obstacle = new KvmProbe(installation).obstacle();
            obstacle.ifPresent(
                    reason -> LOG.warn("no KVM: {}; virtual machines run many times slower, emulated", reason));
            return obstacle.isPresent() ? Accelerator.TCG : Accelerator.KVM;
        }
        return Accelerator.valueOf(choice.name());
    }

    public Accelerator accelerator() {
        return accelerator;
    }

    /** Options that Java in a machine should be started with. */
    public List<String> javaOptions() {
        List<String> options = new ArrayList<>(image.javaOptions());
        options.addAll(accelerator.javaOptions());
        return options;
    }

    /**
     * Starts a machine. The guest has not booted when this returns.
     *
     * @param directory of the user's own, for sockets, console and messages
     * @param contents files for the guest, besides those of the image
     * @throws MachineException if QEMU does not start
     */
    public VirtualMachine start(MachineConfig machine, Path directory, GuestFiles contents) {
        MachineFiles files = new MachineFiles(directory, machine.name());
        try {
            files.clean();
            image.writeInitialFiles(files.initialFiles(), contents);
            try (ServerSocketChannel control = serve(files.control());
                    ServerSocketChannel monitor = serve(files.monitor())) {
                Process process = Leash.start(qemu.command(machine, image, accelerator, files), files.messages());
                return connect(machine, process, control, monitor, files);
            }
        } catch (IOException failure) {
            throw new MachineException(
                    "cannot start virtual machine '" + machine.name() + "': " + failure.getMessage(), failure);
        }
    }

    /** QEMU connects here, rather than we there: if this process is gone by then, QEMU ends. */
    private static ServerSocketChannel serve(Path socket) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        server.configureBlocking(false);
        return server;
    }

    private static VirtualMachine connect(
            MachineConfig machine,
            Process process,
            ServerSocketChannel control,
            ServerSocketChannel monitor,
            MachineFiles files)
            throws IOException {
        try {
            SocketChannel controlChannel = accept(control, process, files);
            SocketChannel monitorChannel = accept(monitor, process, files);
            return new VirtualMachine(machine.name(), process, controlChannel, new Qmp(monitorChannel), files);
        } catch (IOException | RuntimeException failure) {
            process.destroyForcibly();
            throw failure;
        }
    }

    private static SocketChannel accept(ServerSocketChannel server, Process process, MachineFiles files)
            throws IOException {
        long deadline = System.nanoTime() + CONNECT_LIMIT.toNanos();
        while (true) {
            SocketChannel channel = server.accept();
            if (channel != null) {
                return channel;
            }
            if (!process.isAlive()) {
                throw new IOException("QEMU has ended: " + String.join(" ", MachineFiles.tail(files.messages(), 3)));
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("QEMU does not come up");
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", interrupted);
            }
        }
    }
}
