// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A program of a few BPF instructions in the path of packets between a network interface and the kernel's stack (tcx, Linux 6.6).
 * It is assembled here and loaded by {@code bpf(2)}, so that no compiler and no tc(8) is needed. It stays for as long as this object is
 * open, and vanishes with the process. Thread-safe.
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

    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_LINK_CREATE = 28;
    private static final int BPF_PROG_TYPE_SCHED_CLS = 3;
    private static final int BPF_REDIRECT = 23;
    private static final int BPF_F_INGRESS = 1;
    /** Offset in {@code struct __sk_buff}. */
    private static final int MARK = 8;
    // Verdicts.
    private static final int TCX_NEXT = -1;
    private static final int TCX_DROP = 2;

    // Instruction codes.
    private static final int LOAD_WORD = 0x61;
    private static final int STORE_IMMEDIATE = 0x62;
    private static final int MOVE_IMMEDIATE = 0xb7;
    private static final int JUMP_IF_NOT = 0x55;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;

    private static final int ATTRIBUTES = 128;
    private static final String LICENCE = "BSD-2-Clause";

    private final int program;
    private final int link;
    private boolean closed;

    private TcxProgram(int interfaceIndex, Hook hook, long... instructions) {
        try (Arena arena = Arena.ofConfined()) {
            program = load(arena, instructions);
            int attached = attach(arena, interfaceIndex, hook);
            if (attached < 0) {
                Linux.close(program);
                throw refused("attach a BPF program to interface " + interfaceIndex, -attached);
            }
            link = attached;
        }
    }

    /** Sends packets to another interface instead, but those with {@code mark}, which pass. */
    public static TcxProgram redirectAllBut(int mark, int interfaceIndex, Hook hook, int toInterface) {
        return new TcxProgram(
                interfaceIndex,
                hook,
                instruction(LOAD_WORD, 2, 1, MARK, 0),
                instruction(JUMP_IF_NOT, 2, 0, 2, mark),
                instruction(MOVE_IMMEDIATE, 0, 0, 0, TCX_NEXT),
                instruction(EXIT, 0, 0, 0, 0),
                instruction(MOVE_IMMEDIATE, 1, 0, 0, toInterface),
                instruction(MOVE_IMMEDIATE, 2, 0, 0, 0),
                instruction(CALL, 0, 0, 0, BPF_REDIRECT),
                instruction(EXIT, 0, 0, 0, 0));
    }

    /** Drops packets but those with {@code mark}, which pass, unmarked. */
    public static TcxProgram dropAllBut(int mark, int interfaceIndex, Hook hook) {
        return new TcxProgram(
                interfaceIndex,
                hook,
                instruction(LOAD_WORD, 2, 1, MARK, 0),
                instruction(JUMP_IF_NOT, 2, 0, 3, mark),
                instruction(STORE_IMMEDIATE, 1, 0, MARK, 0),
                instruction(MOVE_IMMEDIATE, 0, 0, 0, TCX_NEXT),
                instruction(EXIT, 0, 0, 0, 0),
                instruction(MOVE_IMMEDIATE, 0, 0, 0, TCX_DROP),
                instruction(EXIT, 0, 0, 0, 0));
    }

    /** Marks packets and has the stack receive them from another interface. */
    public static TcxProgram handUp(int mark, int interfaceIndex, Hook hook, int fromInterface) {
        return new TcxProgram(
                interfaceIndex,
                hook,
                instruction(STORE_IMMEDIATE, 1, 0, MARK, mark),
                instruction(MOVE_IMMEDIATE, 1, 0, 0, fromInterface),
                instruction(MOVE_IMMEDIATE, 2, 0, 0, BPF_F_INGRESS),
                instruction(CALL, 0, 0, 0, BPF_REDIRECT),
                instruction(EXIT, 0, 0, 0, 0));
    }

    /** {@code struct bpf_insn}: code (1), registers: destination, source (4 bits each), offset (2), immediate (4). */
    static long instruction(int code, int destination, int source, int offset, int immediate) {
        return code | (long) (source << 4 | destination) << 8 | (offset & 0xffffL) << 16 | (long) immediate << 32;
    }

    private static int load(Arena arena, long... instructions) {
        MemorySegment code = arena.allocate((long) instructions.length * Long.BYTES, 8);
        for (int i = 0; i < instructions.length; i++) {
            Memory.putLong(code.address() + (long) i * Long.BYTES, instructions[i]);
        }
        // union bpf_attr: type (4), count (4), instructions (8), licence (8).
        long at = arena.allocate(ATTRIBUTES, 8).address();
        Memory.putInt(at, BPF_PROG_TYPE_SCHED_CLS);
        Memory.putInt(at + 4, instructions.length);
        Memory.putLong(at + 8, code.address());
        Memory.putLong(at + 16, arena.allocateFrom(LICENCE).address());
        int result = Linux.bpf(BPF_PROG_LOAD, at, ATTRIBUTES);
        if (result < 0) {
            throw refused("load a BPF program", -result);
        }
        return result;
    }

    private int attach(Arena arena, int interfaceIndex, Hook hook) {
        // union bpf_attr: program (4), interface (4), attach type (4).
        long at = arena.allocate(ATTRIBUTES, 8).address();
        Memory.putInt(at, program);
        Memory.putInt(at + 4, interfaceIndex);
        Memory.putInt(at + 8, hook.attachType);
        return Linux.bpf(BPF_LINK_CREATE, at, ATTRIBUTES);
    }

    private static LinuxException refused(String what, int errno) {
        return new LinuxException(
                what,
                errno,
                errno == Errno.EPERM.number()
                        ? "it needs the capabilities CAP_NET_ADMIN and CAP_BPF: run as root"
                        : "it needs Linux 6.6 or newer, built with CONFIG_BPF_SYSCALL and CONFIG_NET_XGRESS");
    }

    /** Takes the program out of the path. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.close(link);
            Linux.close(program);
        }
    }
}
