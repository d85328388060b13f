// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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
 * <p>No compiler is needed for it. It stays with the interface for as long as this object is open, and vanishes with the
 * process (a {@code bpf_link}). Thread-safe.
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

    private static final int BPF_MAP_TYPE_XSKMAP = 17;
    private static final int BPF_PROG_TYPE_XDP = 6;
    private static final int BPF_XDP = 37;
    private static final int BPF_F_XDP_HAS_FRAGS = 1 << 5;
    private static final int BPF_PSEUDO_MAP_FD = 1;
    private static final int BPF_FUNC_REDIRECT_MAP = 51;
    private static final int XDP_PASS = 2;
    /** Of {@code struct xdp_md}. */
    private static final int RX_QUEUE_INDEX = 16;

    // union bpf_attr for MAP_CREATE.
    private static final int MAP_TYPE = 0;
    private static final int MAP_KEY_SIZE = 4;
    private static final int MAP_VALUE_SIZE = 8;
    private static final int MAP_ENTRIES = 12;
    private static final int MAP_NAME = 28;
    // For MAP_UPDATE_ELEM.
    private static final int ELEM_KEY = 8;
    private static final int ELEM_VALUE = 16;

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
            try {
                link = attach(arena, load(arena, table), index, attachment);
            } catch (RuntimeException failure) {
                Linux.close(table);
                throw failure;
            }
        }
    }

    private static int createTable(Arena arena, int queues) {
        MemorySegment attributes = BpfProgram.attributes(arena);
        long at = attributes.address();
        Memory.putInt(at + MAP_TYPE, BPF_MAP_TYPE_XSKMAP);
        Memory.putInt(at + MAP_KEY_SIZE, Integer.BYTES);
        Memory.putInt(at + MAP_VALUE_SIZE, Integer.BYTES);
        Memory.putInt(at + MAP_ENTRIES, queues);
        BpfProgram.name(attributes, MAP_NAME);
        return check("create a table of XDP sockets", BpfProgram.run(BpfProgram.MAP_CREATE, attributes));
    }

    private static int load(Arena arena, int table) {
        long[] instructions = {
            BpfProgram.instruction(BpfProgram.LOAD_WORD, 2, 1, RX_QUEUE_INDEX, 0),
            BpfProgram.instruction(BpfProgram.LOAD_64, 1, BPF_PSEUDO_MAP_FD, 0, table),
            0,
            BpfProgram.instruction(BpfProgram.MOVE_IMMEDIATE, 3, 0, 0, XDP_PASS),
            BpfProgram.instruction(BpfProgram.CALL, 0, 0, 0, BPF_FUNC_REDIRECT_MAP),
            BpfProgram.instruction(BpfProgram.EXIT, 0, 0, 0, 0)
        };
        // Frames in several pieces, where the kernel knows of them (5.18).
        int program = BpfProgram.load(arena, BPF_PROG_TYPE_XDP, BPF_XDP, BPF_F_XDP_HAS_FRAGS, instructions);
        if (program == -Errno.EINVAL.number()) {
            program = BpfProgram.load(arena, BPF_PROG_TYPE_XDP, BPF_XDP, 0, instructions);
        }
        return check("load an XDP program", program);
    }

    private static int attach(Arena arena, int program, int index, Attachment attachment) {
        return check("attach an XDP program", BpfProgram.attach(arena, program, index, BPF_XDP, attachment.flag));
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
            MemorySegment attributes = BpfProgram.attributes(arena);
            long at = attributes.address();
            MemorySegment pair = arena.allocate(2 * Integer.BYTES, 4);
            Memory.putInt(pair.address(), queue);
            Memory.putInt(pair.address() + Integer.BYTES, socket.descriptor());
            Memory.putInt(at, table);
            Memory.putLong(at + ELEM_KEY, pair.address());
            Memory.putLong(at + ELEM_VALUE, pair.address() + Integer.BYTES);
            check(
                    "direct queue " + queue + " to an XDP socket",
                    BpfProgram.run(BpfProgram.MAP_UPDATE_ELEM, attributes));
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
