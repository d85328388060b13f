// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import java.util.List;

/**
 * What answers netmap's control requests: {@code /dev/netmap} or the embedded host. Thread-safe.
 *
 * <p>All requests fail with {@link io.ptnetmap.linux.LinuxException} and netmap's errno (ABI §5.3).
 */
public interface NetmapDriver extends AutoCloseable {
    /** A short name for people: {@code /dev/netmap}, {@code embedded host}, or the path of an attached host's socket. */
    String name();

    /** {@code NETMAP_REQ_REGISTER}: binds a port (ABI §5.3). */
    PortBinding register(PortRequest request);

    /** {@code NETMAP_REQ_PORT_INFO_GET} (ABI §5.4). {@code memId} 0 = the port's own choice. */
    PortReply portInfo(String name, int memId);

    /** {@code NETMAP_REQ_POOLS_INFO_GET} (ABI §5.5). */
    PoolsInfo poolsInfo(String name, int memId);

    /** {@code NETMAP_REQ_VALE_LIST}, of everything: ports of switches, then persistent ports of none (ABI §5.7). */
    default List<SwitchPort> valeList() {
        throw noSwitches("VALE_LIST");
    }

    /**
     * {@code NETMAP_REQ_VALE_ATTACH}: makes an interface or a persistent port one of a switch, until it is detached (ABI §5.6).
     *
     * @param request {@code vale0:eth0}, with mode {@code NR_REG_ALL_NIC}, or {@code NR_REG_NIC_SW} for the interface's host
     *     stack, too
     * @return its number at the switch
     */
    default int valeAttach(PortRequest request) {
        throw noSwitches("VALE_ATTACH");
    }

    /** {@code NETMAP_REQ_VALE_DETACH} (ABI §5.6). Returns the number that the port had. */
    default int valeDetach(String name) {
        throw noSwitches("VALE_DETACH");
    }

    /**
     * {@code NETMAP_REQ_VALE_NEWIF}: makes a persistent port (ABI §5.9).
     *
     * @param request its name, which is not a switch's, with wishes for sizes and region
     * @return its region; 0 where that is made when the port is opened
     */
    default int valeNewif(PortRequest request) {
        throw noSwitches("VALE_NEWIF");
    }

    /** {@code NETMAP_REQ_VALE_DELIF} (ABI §5.9). */
    default void valeDelif(String name) {
        throw noSwitches("VALE_DELIF");
    }

    private LinuxException noSwitches(String request) {
        return new LinuxException(request, Errno.EOPNOTSUPP, name() + " has no switches");
    }

    /** Releases what the driver holds; its bindings end with it. */
    @Override
    void close();
}
