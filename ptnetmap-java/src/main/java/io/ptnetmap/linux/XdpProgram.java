// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * The XDP program of an interface whose frames go to XDP sockets: it hands each frame to the socket of the receive queue that
 * it came by, and lets it pass to the kernel's stack where that queue has none.
 *
 * <pre>{@code
 *   r2 = ctx->rx_queue_index           61 12 10 00
 *   r1 = the table of sockets          18 11 ...         two places
 *   r3 = XDP_PASS                      b7 03 .. 02       what becomes of a frame without a socket
 *   call bpf_redirect_map              85 .. .. 33
 *   exit                               95
 * }</pre>
 *
 * <p>It is assembled here and loaded by {@code bpf(2)}, so that no compiler is needed. It stays with the interface for as long
 * as this object is open, and vanishes with the process (a {@code bpf_link}). Thread-safe.
 */
public final class XdpProgram implements AutoCloseable {
    /** How a program is attached. */
    public enum Attachment {
        /** In the driver, before the kernel makes a packet of the frame. */
        NATIVE(1 << 2),
        /** In the kernel's stack, for any driver. */
        GENERIC(1 << 1);

        private final int flag;

        Attachment(int flag) {
            this.flag = flag;
        }
    }

    private static final int BPF_MAP_CREATE = 0;
    private static final int BPF_MAP_UPDATE_ELEM = 2;
    private static final int BPF_PROG_LOAD = 5;
    private static final int BPF_LINK_CREATE = 28;

    private static final int BPF_MAP_TYPE_XSKMAP = 17;
    private static final int BPF_PROG_TYPE_XDP = 6;
    private static final int BPF_XDP = 37;
    private static final int BPF_F_XDP_HAS_FRAGS = 1 << 5;
    private static final int BPF_PSEUDO_MAP_FD = 1;
    private static final int BPF_FUNC_REDIRECT_MAP = 51;
    private static final int XDP_PASS = 2;
    /** Of {@code struct xdp_md}. */
    private static final int RX_QUEUE_INDEX = 16;

    private static final int LOAD_WORD = 0x61;
    private static final int LOAD_64 = 0x18;
    private static final int MOVE = 0xb7;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;
    private static final int INSTRUCTION = 8;
    private static final int INSTRUCTIONS = 6;

    // union bpf_attr for BPF_MAP_CREATE.
    private static final int MAP_TYPE = 0;
    private static final int MAP_KEY_SIZE = 4;
    private static final int MAP_VALUE_SIZE = 8;
    private static final int MAP_ENTRIES = 12;
    private static final int MAP_NAME = 28;
    // For BPF_MAP_UPDATE_ELEM.
    private static final int ELEM_KEY = 8;
    private static final int ELEM_VALUE = 16;
    // For BPF_PROG_LOAD.
    private static final int PROG_TYPE = 0;
    private static final int PROG_COUNT = 4;
    private static final int PROG_INSTRUCTIONS = 8;
    private static final int PROG_LICENSE = 16;
    private static final int PROG_FLAGS = 44;
    private static final int PROG_NAME = 48;
    private static final int PROG_EXPECTED_ATTACH = 68;
    // For BPF_LINK_CREATE.
    private static final int LINK_PROG = 0;
    private static final int LINK_IFINDEX = 4;
    private static final int LINK_ATTACH_TYPE = 8;
    private static final int LINK_FLAGS = 12;
    /** Bytes; zeros beyond what a command has are allowed. */
    private static final int ATTRIBUTES = 72;

    private static final String NAME = "ptnetmap";

    private final int table;
    private final int link;
    private boolean closed;

    /**
     * Loads the program and attaches it, with no socket yet.
     *
     * @param index the interface's number
     * @param queues receive queues that may get a socket
     * @throws LinuxException EPERM without the right to (CAP_BPF and CAP_NET_ADMIN), EBUSY where the interface has another
     *     program, EOPNOTSUPP and others where the driver cannot run it
     */
    public XdpProgram(int index, int queues, Attachment attachment) {
        try (Arena arena = Arena.ofConfined()) {
            table = createTable(arena, queues);
            int program = -1;
            try {
                program = load(arena, table);
                link = attach(arena, program, index, attachment);
            } catch (RuntimeException failure) {
                Linux.close(table);
                throw failure;
            } finally {
                if (program >= 0) {
                    Linux.close(program);
                }
            }
        }
    }

    private static int createTable(Arena arena, int queues) {
        MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
        long at = attributes.address();
        Memory.putInt(at + MAP_TYPE, BPF_MAP_TYPE_XSKMAP);
        Memory.putInt(at + MAP_KEY_SIZE, Integer.BYTES);
        Memory.putInt(at + MAP_VALUE_SIZE, Integer.BYTES);
        Memory.putInt(at + MAP_ENTRIES, queues);
        name(attributes, MAP_NAME);
        return check("create a table of XDP sockets", Linux.bpf(BPF_MAP_CREATE, at, ATTRIBUTES));
    }

    private static int load(Arena arena, int table) {
        MemorySegment code = arena.allocate((long) INSTRUCTIONS * INSTRUCTION, 8);
        instruction(code, 0, LOAD_WORD, 2, 1, RX_QUEUE_INDEX, 0);
        instruction(code, 1, LOAD_64, 1, BPF_PSEUDO_MAP_FD, 0, table);
        instruction(code, 3, MOVE, 3, 0, 0, XDP_PASS);
        instruction(code, 4, CALL, 0, 0, 0, BPF_FUNC_REDIRECT_MAP);
        instruction(code, 5, EXIT, 0, 0, 0, 0);
        MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
        long at = attributes.address();
        Memory.putInt(at + PROG_TYPE, BPF_PROG_TYPE_XDP);
        Memory.putInt(at + PROG_COUNT, INSTRUCTIONS);
        Memory.putLong(at + PROG_INSTRUCTIONS, code.address());
        Memory.putLong(at + PROG_LICENSE, arena.allocateFrom("Dual BSD/GPL").address());
        name(attributes, PROG_NAME);
        Memory.putInt(at + PROG_EXPECTED_ATTACH, BPF_XDP);
        // Frames in several pieces, where the kernel knows of them (5.18).
        Memory.putInt(at + PROG_FLAGS, BPF_F_XDP_HAS_FRAGS);
        int program = Linux.bpf(BPF_PROG_LOAD, at, ATTRIBUTES);
        if (program == -Errno.EINVAL.number()) {
            Memory.putInt(at + PROG_FLAGS, 0);
            program = Linux.bpf(BPF_PROG_LOAD, at, ATTRIBUTES);
        }
        return check("load an XDP program", program);
    }

    private static void instruction(
            MemorySegment program, int place, int code, int to, int from, int offset, int value) {
        long at = program.address() + (long) place * INSTRUCTION;
        Memory.putLong(at, TcxProgram.instruction(code, to, from, offset, value));
    }

    private static int attach(Arena arena, int program, int index, Attachment attachment) {
        long at = arena.allocate(ATTRIBUTES, 8).address();
        Memory.putInt(at + LINK_PROG, program);
        Memory.putInt(at + LINK_IFINDEX, index);
        Memory.putInt(at + LINK_ATTACH_TYPE, BPF_XDP);
        Memory.putInt(at + LINK_FLAGS, attachment.flag);
        return check("attach an XDP program", Linux.bpf(BPF_LINK_CREATE, at, ATTRIBUTES));
    }

    private static void name(MemorySegment attributes, int offset) {
        byte[] name = NAME.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(name, 0, attributes, ValueLayout.JAVA_BYTE, offset, name.length);
    }

    private static int check(String what, int result) {
        if (result < 0) {
            throw new LinuxException(what, -result);
        }
        return result;
    }

    /** Has the frames of a receive queue go to a socket from now on. */
    public void direct(int queue, XdpSocket socket) {
        try (Arena arena = Arena.ofConfined()) {
            long at = arena.allocate(ATTRIBUTES, 8).address();
            MemorySegment pair = arena.allocate(2 * Integer.BYTES, 4);
            Memory.putInt(pair.address(), queue);
            Memory.putInt(pair.address() + Integer.BYTES, socket.descriptor());
            Memory.putInt(at, table);
            Memory.putLong(at + ELEM_KEY, pair.address());
            Memory.putLong(at + ELEM_VALUE, pair.address() + Integer.BYTES);
            check("direct queue " + queue + " to an XDP socket", Linux.bpf(BPF_MAP_UPDATE_ELEM, at, ATTRIBUTES));
        }
    }

    /** Takes the program off the interface, where there still is one. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Linux.close(link);
            Linux.close(table);
        }
    }
}
