// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * {@code bpf(2)}: programs of a few instructions, assembled here, so that no compiler is needed, and their links to interfaces. Descriptors
 * are the caller's to close; all is gone with the last of them, so with the process at the latest. For any thread.
 */
final class BpfProgram {
    // Commands.
    static final int MAP_CREATE = 0;
    static final int MAP_UPDATE_ELEM = 2;
    private static final int PROG_LOAD = 5;
    private static final int LINK_CREATE = 28;

    // Codes of instructions.
    static final int LOAD_WORD = 0x61;
    static final int LOAD_64 = 0x18;
    static final int STORE_IMMEDIATE = 0x62;
    static final int MOVE_IMMEDIATE = 0xb7;
    static final int JUMP_IF_NOT = 0x55;
    static final int CALL = 0x85;
    static final int EXIT = 0x95;

    // union bpf_attr for PROG_LOAD.
    private static final int PROG_TYPE = 0;
    private static final int PROG_COUNT = 4;
    private static final int PROG_INSTRUCTIONS = 8;
    private static final int PROG_LICENCE = 16;
    private static final int PROG_FLAGS = 44;
    private static final int PROG_NAME = 48;
    private static final int PROG_EXPECTED_ATTACH = 68;
    // For LINK_CREATE.
    private static final int LINK_PROG = 0;
    private static final int LINK_IFINDEX = 4;
    private static final int LINK_ATTACH_TYPE = 8;
    private static final int LINK_FLAGS = 12;
    /** Bytes; zeros beyond what a command has are allowed. */
    private static final int ATTRIBUTES = 128;

    private static final String NAME = "ptnetmap";
    private static final String LICENCE = "BSD-2-Clause";

    private BpfProgram() {}

    /** {@code struct bpf_insn}: code (1), registers: destination, source (4 bits each), offset (2), immediate (4). */
    static long instruction(int code, int destination, int source, int offset, int immediate) {
        return code | (long) (source << 4 | destination) << 8 | (offset & 0xffffL) << 16 | (long) immediate << 32;
    }

    /** Zeros for the arguments of a command. */
    static MemorySegment attributes(Arena arena) {
        return arena.allocate(ATTRIBUTES, 8);
    }

    /** Writes the name by which {@code bpftool} shows what is made. */
    static void name(MemorySegment attributes, int offset) {
        byte[] name = NAME.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(name, 0, attributes, ValueLayout.JAVA_BYTE, offset, name.length);
    }

    /** Carries a command out. Returns its result, or the negated errno. */
    static int run(int command, MemorySegment attributes) {
        return Linux.bpf(command, attributes.address(), ATTRIBUTES);
    }

    /**
     * Loads a program.
     *
     * @param expectedAttach what it will be attached to, where its type leaves that open, else 0
     * @return its descriptor, or the negated errno
     */
    static int load(Arena arena, int type, int expectedAttach, int flags, long... instructions) {
        MemorySegment code = arena.allocateFrom(ValueLayout.JAVA_LONG, instructions);
        MemorySegment attributes = attributes(arena);
        long at = attributes.address();
        Memory.putInt(at + PROG_TYPE, type);
        Memory.putInt(at + PROG_COUNT, instructions.length);
        Memory.putLong(at + PROG_INSTRUCTIONS, code.address());
        Memory.putLong(at + PROG_LICENCE, arena.allocateFrom(LICENCE).address());
        Memory.putInt(at + PROG_FLAGS, flags);
        name(attributes, PROG_NAME);
        Memory.putInt(at + PROG_EXPECTED_ATTACH, expectedAttach);
        return run(PROG_LOAD, attributes);
    }

    /**
     * Attaches a program to an interface, and closes its descriptor: the kernel keeps it as long as the link.
     *
     * @return the link's descriptor, or the negated errno
     */
    static int attach(Arena arena, int program, int interfaceIndex, int attachType, int flags) {
        try {
            MemorySegment attributes = attributes(arena);
            long at = attributes.address();
            Memory.putInt(at + LINK_PROG, program);
            Memory.putInt(at + LINK_IFINDEX, interfaceIndex);
            Memory.putInt(at + LINK_ATTACH_TYPE, attachType);
            Memory.putInt(at + LINK_FLAGS, flags);
            return run(LINK_CREATE, attributes);
        } finally {
            Linux.close(program);
        }
    }
}
