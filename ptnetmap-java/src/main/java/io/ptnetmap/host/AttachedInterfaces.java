// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.NetmapDriver;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.StackSwitcher;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The network interfaces that are ports of switches, some of them with their host stacks (ABI §5.6).
 *
 * <p>Thread-safe. The lock is held while an interface comes or goes, which takes more than the host's is for: sockets are opened,
 * and the {@link Kloop} is waited for. So it comes first of all, see {@link Ports}.
 */
final class AttachedInterfaces {
    private final NetmapDriver host;
    private final Ports ports;
    private final Supplier<Kloop> kloop;
    /** By the names of their ports. */
    private final Map<String, Attachment> attached = new HashMap<>();

    private volatile StackSwitcher stackSwitcher = (driver, interfaceName, port) -> {
        throw new LinuxException(
                "VALE_ATTACH " + port,
                Errno.EOPNOTSUPP,
                "this host knows nothing of stacks: it is not behind a Netmap");
    };

    /**
     * An interface.
     *
     * @param stack ends what has made its stack a port
     */
    private record Attachment(ValeNic nic, Ports.Attached port, Optional<AutoCloseable> stack) {
        void closeStack() {
            if (stack.isPresent()) {
                try {
                    stack.get().close();
                } catch (Exception impossible) {
                    throw new IllegalStateException(impossible);
                }
            }
        }
    }

    /**
     * None yet.
     *
     * @param host that stacks are joined to
     * @param kloop serves the interfaces
     */
    AttachedInterfaces(NetmapDriver host, Ports ports, Supplier<Kloop> kloop) {
        this.host = host;
        this.ports = ports;
        this.kloop = kloop;
    }

    /** Sets what makes host stacks ports. */
    void switchStacksBy(StackSwitcher switcher) {
        stackSwitcher = switcher;
    }

    /** Attaches an interface, or a persistent port. Returns its number at the switch. */
    int attach(PortRequest request) {
        ValeName name = ValeName.of("VALE_ATTACH", request.name());
        boolean withStack = requireAttachable(request);
        synchronized (this) {
            Optional<Integer> persistent = ports.attachPersistent(request, name, withStack);
            if (persistent.isPresent()) {
                return persistent.get();
            }
            Attachment attachment = plug(request, name);
            if (withStack) {
                attachment = withStack(request, name, attachment);
            }
            attached.put(request.name(), attachment);
            return attachment.port().port().number();
        }
    }

    /** Whether the host stack is to be attached, too. */
    private static boolean requireAttachable(PortRequest request) {
        if (request.ringId() != 0) {
            throw ValePorts.refuseAttach(request, Errno.EINVAL, "a port is attached with all its rings");
        }
        return switch (request.mode()) {
            case NmreqRegister.NR_REG_ALL_NIC -> false;
            case NmreqRegister.NR_REG_NIC_SW -> true;
            default ->
                throw ValePorts.refuseAttach(request, Errno.EINVAL, "mode " + request.mode() + " cannot be attached");
        };
    }

    private Attachment plug(PortRequest request, ValeName name) {
        InterfaceLink.requireInterface(name.port());
        Ports.Attached port = ports.attach(request, name.port());
        try {
            ValeNic nic = new ValeNic(port.port(), name.port(), port.grant());
            try {
                nic.plug();
                Kloop loop = kloop.get();
                loop.run(() -> loop.add(nic));
            } catch (RuntimeException failure) {
                nic.close();
                throw failure;
            }
            return new Attachment(nic, port, Optional.empty());
        } catch (RuntimeException failure) {
            ports.detach(port);
            throw failure;
        }
    }

    private Attachment withStack(PortRequest request, ValeName name, Attachment plugged) {
        // As the tap device is called behind it: with the mark of host rings, and at most as long as interfaces' names.
        String own = name.port().substring(0, Math.min(name.port().length(), ValePorts.MAX_DEVICE_NAME - 2)) + "^";
        try {
            if (NetworkInterfaces.index(own) != 0) {
                throw ValePorts.refuseAttach(
                        request,
                        Errno.EBUSY,
                        "another program has the stack's host rings open, " + own + ": close them there");
            }
            AutoCloseable stack = stackSwitcher.join(host, name.port(), name.vale() + ":" + own);
            return new Attachment(plugged.nic(), plugged.port(), Optional.of(stack));
        } catch (RuntimeException refused) {
            unplug(plugged);
            throw refused;
        }
    }

    private int unplug(Attachment attachment) {
        Kloop loop = kloop.get();
        loop.run(() -> loop.remove(attachment.nic()));
        attachment.nic().close();
        return ports.detach(attachment.port());
    }

    /** Takes a port from its switch, if it is one that was attached. Returns the number that it had. */
    int detach(String name) {
        ValeName.of("VALE_DETACH", name);
        synchronized (this) {
            Attachment attachment = attached.remove(name);
            if (attachment == null) {
                return ports.detach(name);
            }
            attachment.closeStack();
            return unplug(attachment);
        }
    }

    /** Ends what has made stacks ports. */
    synchronized void closeStacks() {
        attached.values().forEach(Attachment::closeStack);
    }

    /** Leaves the interfaces, when the loop has ended. */
    synchronized void close() {
        attached.values().forEach(attachment -> attachment.nic().close());
    }
}
