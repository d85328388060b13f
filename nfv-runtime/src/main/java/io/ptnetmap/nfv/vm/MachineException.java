// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.vm;

/** A virtual machine that cannot start, or something that it needs and that is not there. The message is for people. */
public final class MachineException extends RuntimeException {
    public MachineException(String message) {
        super(message);
    }

    public MachineException(String message, Throwable cause) {
        super(message, cause);
    }
}
