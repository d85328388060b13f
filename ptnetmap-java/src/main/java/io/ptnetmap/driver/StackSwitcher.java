// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/** Makes host stacks of interfaces ports of switches, for a driver that has switches and knows nothing of stacks. */
@FunctionalInterface
public interface StackSwitcher {
    /**
     * Opens a switch's port and joins the stack to it.
     *
     * @param switches the driver that has the switch
     * @param interfaceName whose stack it is
     * @param port the port to open, {@code vale0:eth0^}
     * @return ends it
     * @throws io.ptnetmap.linux.LinuxException if it cannot be done
     */
    AutoCloseable join(NetmapDriver switches, String interfaceName, String port);
}
