// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;

/** A port that cannot be opened, or an operation on a closed one. The message names the port and what to do. */
public final class NetmapException extends RuntimeException {
    private final String port;
    private final Errno errno;

    NetmapException(String port, LinuxException cause) {
        super(port + ": " + cause.getMessage(), cause);
        this.port = port;
        this.errno = cause.errno();
    }

    NetmapException(String port, Errno errno, String detail) {
        super(port + ": " + detail);
        this.port = port;
        this.errno = errno;
    }

    /** The port's specification, as it was given. */
    public String port() {
        return port;
    }

    public Errno errno() {
        return errno;
    }
}
