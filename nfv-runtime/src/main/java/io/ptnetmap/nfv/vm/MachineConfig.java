// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

import java.nio.file.Path;
import java.util.List;

/**
 * What a virtual machine is made of.
 *
 * @param name for people
 * @param memory bytes
 * @param cpus virtual processors
 * @param host socket of the embedded host that has the ports
 * @param ports netmap ports of that host, at most {@value #MOST_PORTS}: the guest has them as {@code eth0}, {@code eth1} ...
 */
public record MachineConfig(String name, long memory, int cpus, Path host, List<String> ports) {
    /** Device in the guest, of which the other end is {@link VirtualMachine#control()}. */
    public static final Path CONTROL_DEVICE = Path.of("/dev/virtio-ports", MachineConfig.CONTROL_PORT);

    static final String CONTROL_PORT = "io.ptnetmap.control";

    /** Place of the first NIC on the PCI bus; the last place is the chipset's. */
    static final int FIRST_NIC = 8;

    /** What fits the bus behind the machine's own devices. */
    public static final int MOST_PORTS = 31 - FIRST_NIC;

    public MachineConfig {
        ports = List.copyOf(ports);
        if (ports.size() > MOST_PORTS) {
            throw new MachineException("virtual machine '" + name + "' would need " + ports.size()
                    + " network interfaces, and " + MOST_PORTS
                    + " fit: use fewer workers in it, or spread its functions over several machines");
        }
    }

    /** A locally administered address that no other NIC of this machine has. */
    String mac(int number) {
        int hash = name.hashCode();
        return String.format("02:70:%02x:%02x:%02x:%02x", hash >>> 16 & 0xff, hash >>> 8 & 0xff, hash & 0xff, number);
    }
}
