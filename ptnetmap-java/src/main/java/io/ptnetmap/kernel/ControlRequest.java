// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.kernel;

import io.ptnetmap.abi.Ioctl;
import io.ptnetmap.abi.NmreqHeader;
import io.ptnetmap.abi.NmreqOption;
import io.ptnetmap.abi.RequestType;
import java.lang.foreign.Arena;

/**
 * One control request: header, body and options in native memory, zero to begin with (ABI §5, §6).
 *
 * <p>Single-threaded. Its addresses are valid until {@link #close}.
 */
final class ControlRequest implements AutoCloseable {
    private static final int ALIGNMENT = 8;

    private final Arena arena = Arena.ofConfined();
    private final RequestType type;
    private final String name;
    private final long header = allocate(NmreqHeader.SIZE);
    private final long body;
    private long firstOption;
    private long lastOption;

    ControlRequest(RequestType type, String name) {
        this.type = type;
        this.name = name;
        this.body = type.bodySize() == 0 ? 0 : allocate(type.bodySize());
    }

    private long allocate(int size) {
        return arena.allocate(size, ALIGNMENT).address();
    }

    /** Address of the body, 0 where the request has none. */
    long body() {
        return body;
    }

    /** Puts an option at the end of the chain. The caller writes it, with no next one, before the next is added. */
    long addOption(int size) {
        long option = allocate(size);
        if (lastOption == 0) {
            firstOption = option;
        } else {
            NmreqOption.NEXT.write(lastOption, option);
        }
        lastOption = option;
        return option;
    }

    /** Makes the call with a fresh header, since a failed one may have spoilt the last. Returns 0 or the negated errno. */
    int submit(Syscalls syscalls, int fd) {
        NmreqHeader.write(header, type, name, firstOption, body);
        return syscalls.ioctl(fd, Ioctl.NIOCCTRL, header);
    }

    /** The name as the answer has it, which VALE_LIST alone changes. */
    String answeredName() {
        return NmreqHeader.NAME.readText(header);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** For messages: {@code NETMAP_REQ_REGISTER of eth0}. */
    @Override
    public String toString() {
        return "NETMAP_REQ_" + type + " of " + name;
    }
}
