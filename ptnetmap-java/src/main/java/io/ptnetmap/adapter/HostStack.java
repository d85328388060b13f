// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.NetworkInterfaces;
import io.ptnetmap.linux.PacketSocket;
import io.ptnetmap.linux.TcxProgram;
import io.ptnetmap.linux.TcxProgram.Hook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The host rings of a network interface (ABI §12) where netmap is not in the kernel: what the stack sends by the interface is
 * received here instead of leaving by the wire, and what is transmitted here, the stack receives from the interface.
 *
 * <p>A tap device with the interface's address and MTU stands behind it, and three small BPF programs connect them:
 *
 * <pre>
 *   stack ──▶ eth0, egress ──redirect──▶ eth0^ ──▶ receive ring
 *   stack ◀── eth0, ingress ◀──redirect── eth0^ ◀── transmit ring
 * </pre>
 *
 * <p>While the port is open the stack receives nothing from the wire, and nothing of its own leaves by it: whoever wants that opens
 * {@code eth0} too and moves packets between the two. Marks tell what comes from such ports ({@link PacketSocket#SENT_MARK},
 * {@link PacketSocket#HANDED_UP_MARK}). All of it goes with the process, however that ends.
 */
final class HostStack implements Device {
    private static final int NAME_SIZE = 15;

    private final TapDevice tap;
    private final List<TcxProgram> programs = new ArrayList<>();

    HostStack(String name) {
        int index = NetworkInterfaces.index(name);
        if (index == 0) {
            throw new LinuxException(
                    "open " + name + "^",
                    Errno.ENXIO,
                    "there is no interface " + name + "; there are " + NetworkInterfaces.names());
        }
        String tapName = name.substring(0, Math.min(name.length(), NAME_SIZE - 1)) + "^";
        tap = new TapDevice(tapName, () -> becomeLike(name, tapName));
        try {
            int tapIndex = NetworkInterfaces.index(tapName);
            programs.add(TcxProgram.handUp(PacketSocket.HANDED_UP_MARK, tapIndex, Hook.INGRESS, index));
            programs.add(TcxProgram.dropAllBut(PacketSocket.HANDED_UP_MARK, index, Hook.INGRESS));
            programs.add(TcxProgram.redirectAllBut(PacketSocket.SENT_MARK, index, Hook.EGRESS, tapIndex));
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Before the tap device is set up, so that its own stack side is silent from the beginning. */
    private static void becomeLike(String name, String tapName) {
        try {
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf", tapName, "disable_ipv6"), "1");
        } catch (IOException noIpv6) {
            // Then there is nothing to silence.
        }
        int result = NetworkInterfaces.copyLinkLayer(name, tapName);
        if (result < 0) {
            throw new LinuxException("give " + tapName + " the address and MTU of " + name, -result);
        }
    }

    @Override
    public void transmit(AdapterRing ring, int head) {
        tap.transmit(ring, head);
    }

    @Override
    public void receive(AdapterRing ring) {
        tap.receive(ring);
    }

    @Override
    public int descriptor() {
        return tap.descriptor();
    }

    @Override
    public boolean hasBacklog() {
        return tap.hasBacklog();
    }

    @Override
    public PortCounters counters() {
        return tap.counters();
    }

    @Override
    public void close() {
        programs.forEach(TcxProgram::close);
        tap.close();
    }
}
