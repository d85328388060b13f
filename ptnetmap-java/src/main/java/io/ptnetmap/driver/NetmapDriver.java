// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

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

    /** Releases what the driver holds; its bindings end with it. */
    @Override
    void close();
}
