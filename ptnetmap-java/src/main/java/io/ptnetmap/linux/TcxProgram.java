// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import java.lang.foreign.Arena;

/**
 * A program of a few BPF instructions in the path of packets between a network interface and the kernel's stack (tcx, Linux 6.6).
 * No compiler and no tc(8) is needed for it. It stays for as long as this object is open, and vanishes with the process. Thread-safe.
 */
public final class TcxProgram implements AutoCloseable {
    /** Where in the path. */
    public enum Hook {
        /** What the interface receives, before the stack sees it. */
        INGRESS(46),
        /** What the stack sends, before the interface sees it. */
        EGRESS(47);

        private final int attachType;

        Hook(int attachType) {
            this.attachType = attachType;
        }
    }

    private static final int BPF_PROG_TYPE_SCHED_CLS = 3;
    private static final int BPF_REDIRECT = 23;
    private static final int BPF_F_INGRESS = 1;
    /** Offset in {@code struct __sk_buff}. */
    private static final int MARK = 8;
    // Verdicts.
    private static final int TCX_NEXT = -1;
    private static final int TCX_DROP = 2;

    private final int link;
    private boolean closed;

    private TcxProgram(int interfaceIndex, Hook hook, long... instructions) {
        try (Arena arena = Arena.ofConfined()) {
            int program =
                    check("load a BPF program", BpfProgram.load(arena, BPF_PROG_TYPE_SCHED_CLS, 0, 0, instructions));
            link = check(
                    "attach a BPF program to interface " + interfaceIndex,
                    BpfProgram.attach(arena, program, interfaceIndex, hook.attachType, 0));
        }
    }

    /** Sends packets to another interface instead, but those with {@code mark}, which pass. */
    public static TcxProgram redirectAllBut(int mark, int interfaceIndex, Hook hook, int toInterface) {
        return new TcxProgram(
                interfaceIndex,
                hook,
                BpfProgram.instruction(BpfProgram.LOAD_WORD, 2, 1, MARK, 0),
                BpfProgram.instruction(BpfProgram.JUMP_IF_NOT, 2, 0, 2, mark),
                BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 0, 0, 0, TCX_NEXT),
                BpfProgram.instruction(BpfProgram.EXIT, 0, 0, 0, 0),
                BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 1, 0, 0, toInterface),
                BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 2, 0, 0, 0),
                BpfProgram.instruction(BpfProgram.CALL, 0, 0, 0, BPF_REDIRECT),
                BpfProgram.instruction(BpfProgram.EXIT, 0, 0, 0, 0));
    }

    /** Drops packets but those with {@code mark}, which pass, unmarked. */
    public static TcxProgram dropAllBut(int mark, int interfaceIndex, Hook hook) {
        return new TcxProgram(
                interfaceIndex,
                hook,
                BpfProgram.instruction(BpfProgram.LOAD_WORD, 2, 1, MARK, 0),
                BpfProgram.instruction(BpfProgram.JUMP_IF_NOT, 2, 0, 3, mark),
                BpfProgram.instruction(BpfProgram.STORE_IMMEDIATE, 1, 0, MARK, 0),
                BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 0, 0, 0, TCX_NEXT),
                BpfProgram.instruction(BpfProgram.EXIT, 0, 0, 0, 0),
                BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 0, 0, 0, TCX_DROP),
                BpfProgram.instruction(BpfProgram.EXIT, 0, 0, 0, 0));
    }

    /** Marks packets and has the stack receive them from another interface. */
    public static TcxProgram handUp(int mark, int interfaceIndex, Hook hook, int fromInterface) {
        return new TcxProgram(
                interfaceIndex,
                hook,
                BpfProgram.instruction(BpfProgram.STORE_IMMEDIATE, 1, 0, MARK, mark),
                BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 1, 0, 0, fromInterface),
                BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 2, 0, 0, BPF_F_INGRESS),
                BpfProgram.instruction(BpfProgram.CALL, 0, 0, 0, BPF_REDIRECT),
                BpfProgram.instruction(BpfProgram.EXIT, 0, 0, 0, 0));
    }

    private static int check(String what, int result) {
        if (result < 0) {
            throw new LinuxException(
                    what,
                    -result,
                    -result == Errno.EPERM.number()
                            ? "it needs the capabilities CAP_NET_ADMIN and CAP_BPF: run as root"
                            : "it needs Linux 6.6 or newer, built with CONFIG_BPF_SYSCALL and CONFIG_NET_XGRESS");
        }
        return result;
    }

    /** Takes the program out of the path. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.close(link);
        }
    }
}
