// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An XDP socket (AF_XDP) on one queue of an interface: frames go to and come from memory of this process, the UMEM, through
 * four rings.
 *
 * <pre>
 *             fill ring  ───▶  kernel  ───▶  receive ring        buffers to receive into; frames received
 *         transmit ring  ───▶  kernel  ───▶  completion ring     frames to send; buffers that have been sent
 * </pre>
 *
 * <p>The first socket on a UMEM registers it, those of other queues share it. Rings and calls are for one thread per
 * direction, {@link #close} for any when the others have ended.
 */
public final class XdpSocket implements AutoCloseable {
    /** Bytes between the start of a chunk of the UMEM and a received frame. */
    public static final int HEADROOM = 256;

    /** Smallest chunk, and the largest: a page. */
    public static final int LEAST_CHUNK = 2048;

    public static final int MOST_CHUNK = 4096;

    /** Bits of an address that a chunk's own address has, where chunks may lie anywhere; above them is the offset in it. */
    private static final int ADDRESS_BITS = 48;

    private static final int SOL_XDP = 283;
    private static final int XDP_MMAP_OFFSETS = 1;
    private static final int XDP_RX_RING = 2;
    private static final int XDP_TX_RING = 3;
    private static final int XDP_UMEM_REG = 4;
    private static final int XDP_UMEM_FILL_RING = 5;
    private static final int XDP_UMEM_COMPLETION_RING = 6;
    private static final int XDP_STATISTICS = 7;
    private static final int XDP_MAX_TX_SKB_BUDGET = 9;

    private static final long PGOFF_RX = 0;
    private static final long PGOFF_TX = 0x80000000L;
    private static final long PGOFF_FILL = 0x100000000L;
    private static final long PGOFF_COMPLETION = 0x180000000L;

    private static final int XDP_UMEM_UNALIGNED_CHUNK_FLAG = 1;
    private static final int XDP_SHARED_UMEM = 1;
    private static final int XDP_COPY = 1 << 1;
    private static final int XDP_ZEROCOPY = 1 << 2;
    private static final int XDP_USE_NEED_WAKEUP = 1 << 3;
    private static final int XDP_USE_SG = 1 << 4;

    private static final int SO_BUSY_POLL = 46;
    private static final int SO_PREFER_BUSY_POLL = 69;
    private static final int SO_BUSY_POLL_BUDGET = 70;

    // struct xdp_umem_reg: addr (8), len (8), chunk_size (4), headroom (4), flags (4), tx_metadata_len (4).
    private static final int UMEM_SIZE = 32;
    // struct sockaddr_xdp: family (2), flags (2), ifindex (4), queue_id (4), shared_umem_fd (4).
    private static final int SOCKADDR_SIZE = 16;
    // struct xdp_mmap_offsets: rx, tx, fill, completion; of each: producer, consumer, desc, flags (8 each).
    private static final int OFFSETS_SIZE = 128;
    // struct xdp_statistics: rx_dropped, rx_invalid_descs, tx_invalid_descs, rx_ring_full, ... (8 each).
    private static final int STATISTICS_SIZE = 48;
    private static final int STATISTICS_RX_RING_FULL = 24;

    private static final int SCRATCH = 128;

    /**
     * Memory that frames lie in.
     *
     * @param address on a page's boundary
     * @param length bytes
     * @param chunk bytes that a received frame may use from the start of its chunk, {@link #HEADROOM} included
     * @param aligned whether chunks are a power of two and lie at multiples of it; else anywhere
     */
    public record Umem(long address, long length, int chunk, boolean aligned) {
        /** Where a frame begins, from the start of the UMEM, given what a ring's entry says. */
        public long offset(long entry) {
            return aligned ? entry : (entry & (1L << ADDRESS_BITS) - 1) + (entry >>> ADDRESS_BITS);
        }
    }

    /**
     * What to have of a socket.
     *
     * @param receive entries of the fill and the receive ring; 0 = does not receive
     * @param transmit entries of the transmit and the completion ring; 0 = does not send
     */
    public record Sizes(int receive, int transmit) {}

    /** How frames pass between the driver and the UMEM. */
    public enum Mode {
        /** The hardware reads and writes the UMEM. */
        ZERO_COPY(XDP_ZEROCOPY),
        /** The kernel copies. */
        COPY(XDP_COPY);

        private final int flag;

        Mode(int flag) {
            this.flag = flag;
        }
    }

    private final int fd;
    private final List<XdpRing> rings = new ArrayList<>();
    private final Optional<XdpRing> receive;
    private final Optional<XdpRing> transmit;
    private final XdpRing fill;
    private final XdpRing completion;
    private long drops;
    private boolean closed;

    /** A socket that registers a UMEM. It is not bound yet. */
    public XdpSocket(Umem umem, Sizes sizes) {
        this(sizes, Optional.of(umem));
    }

    /** A socket that will share another's UMEM. */
    public XdpSocket(Sizes sizes) {
        this(sizes, Optional.empty());
    }

    private XdpSocket(Sizes sizes, Optional<Umem> umem) {
        this.fd = Linux.socket(Linux.AF_XDP, Linux.SOCK_RAW | Linux.SOCK_NONBLOCK, 0);
        try (Arena arena = Arena.ofConfined()) {
            long scratch = arena.allocate(SCRATCH, 8).address();
            if (umem.isPresent()) {
                register(scratch, umem.get());
            }
            // Both sides' rings are a queue's, whether frames pass both ways or not.
            int filling = Math.max(1, sizes.receive());
            int completing = Math.max(1, sizes.transmit());
            ring(scratch, XDP_UMEM_FILL_RING, filling);
            ring(scratch, XDP_UMEM_COMPLETION_RING, completing);
            if (sizes.receive() > 0) {
                ring(scratch, XDP_RX_RING, sizes.receive());
            }
            if (sizes.transmit() > 0) {
                ring(scratch, XDP_TX_RING, sizes.transmit());
                allowLargeBatches(scratch, sizes.transmit());
            }
            Memory.putInt(scratch, OFFSETS_SIZE);
            long offsets = arena.allocate(OFFSETS_SIZE, 8).address();
            check("ring offsets", Linux.getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, offsets, scratch));
            receive = sizes.receive() == 0
                    ? Optional.empty()
                    : Optional.of(map(PGOFF_RX, offsets, sizes.receive(), XdpRing.DESCRIPTOR));
            transmit = sizes.transmit() == 0
                    ? Optional.empty()
                    : Optional.of(map(PGOFF_TX, offsets + 32, sizes.transmit(), XdpRing.DESCRIPTOR));
            fill = map(PGOFF_FILL, offsets + 64, filling, XdpRing.ADDRESS);
            completion = map(PGOFF_COMPLETION, offsets + 96, completing, XdpRing.ADDRESS);
        } catch (RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private void register(long scratch, Umem umem) {
        Memory.putLong(scratch, umem.address());
        Memory.putLong(scratch + 8, umem.length());
        Memory.putInt(scratch + 16, umem.chunk());
        Memory.putInt(scratch + 20, 0);
        Memory.putInt(scratch + 24, umem.aligned() ? 0 : XDP_UMEM_UNALIGNED_CHUNK_FLAG);
        Memory.putInt(scratch + 28, 0);
        check(
                "register " + umem.length() + " bytes with an XDP socket",
                Linux.setsockopt(fd, SOL_XDP, XDP_UMEM_REG, scratch, UMEM_SIZE));
    }

    private void ring(long scratch, int option, int entries) {
        Memory.putInt(scratch, entries);
        check("make an XDP ring of " + entries, Linux.setsockopt(fd, SOL_XDP, option, scratch, Integer.BYTES));
    }

    /** In copy mode a kick sends 32 frames, unless the kernel lets it be more (6.17). */
    private void allowLargeBatches(long scratch, int entries) {
        Memory.putInt(scratch, entries);
        Linux.setsockopt(fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, scratch, Integer.BYTES);
    }

    private XdpRing map(long pageOffset, long offsets, int size, int entrySize) {
        long[] parts = new long[4];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Memory.getLong(offsets + i * 8L);
        }
        XdpRing ring =
                new XdpRing(Mapping.of(fd, pageOffset, parts[2] + (long) size * entrySize), parts, size, entrySize);
        rings.add(ring);
        return ring;
    }

    private static void check(String request, int result) {
        if (result < 0) {
            throw new LinuxException(request, -result);
        }
    }

    /**
     * Joins the socket to a queue.
     *
     * @param index the interface's number
     * @param several whether packets may be in several pieces (kernel 6.6)
     * @throws LinuxException EBUSY where the queue has another socket, EOPNOTSUPP where the driver has no such mode
     */
    public void bind(int index, int queue, Mode mode, boolean several) {
        bind(index, queue, mode.flag | XDP_USE_NEED_WAKEUP | (several ? XDP_USE_SG : 0), 0);
    }

    /** Joins the socket to a queue, in the way and on the UMEM of a socket that is bound already. */
    public void bind(int index, int queue, XdpSocket first) {
        bind(index, queue, XDP_SHARED_UMEM, first.fd);
    }

    private void bind(int index, int queue, int flags, int shared) {
        try (Arena arena = Arena.ofConfined()) {
            long address = arena.allocate(SOCKADDR_SIZE, 8).address();
            Memory.putShort(address, (short) Linux.AF_XDP);
            Memory.putShort(address + 2, (short) flags);
            Memory.putInt(address + 4, index);
            Memory.putInt(address + 8, queue);
            Memory.putInt(address + 12, shared);
            check("join an XDP socket to queue " + queue, Linux.bind(fd, address, SOCKADDR_SIZE));
        }
    }

    /**
     * Has the driver polled by whoever uses this socket, instead of by interrupts.
     *
     * @param micros how long a look may take
     * @param budget most frames of one look
     */
    public void busyPoll(int micros, int budget) {
        try (Arena arena = Arena.ofConfined()) {
            long scratch = arena.allocate(8, 8).address();
            Memory.putInt(scratch, 1);
            check("busy polling", Linux.setsockopt(fd, Linux.SOL_SOCKET, SO_PREFER_BUSY_POLL, scratch, 4));
            Memory.putInt(scratch, micros);
            check("busy polling", Linux.setsockopt(fd, Linux.SOL_SOCKET, SO_BUSY_POLL, scratch, 4));
            Memory.putInt(scratch, budget);
            check("busy polling", Linux.setsockopt(fd, Linux.SOL_SOCKET, SO_BUSY_POLL_BUDGET, scratch, 4));
        }
    }

    public int descriptor() {
        return fd;
    }

    /** Whether frames can come by it. */
    public boolean receives() {
        return receive.isPresent();
    }

    /** Frames received. */
    public XdpRing receive() {
        return receive.orElseThrow();
    }

    /** Frames to send. */
    public XdpRing transmit() {
        return transmit.orElseThrow();
    }

    /** Buffers to receive into. */
    public XdpRing fill() {
        return fill;
    }

    /** Buffers whose frames have been sent. */
    public XdpRing completion() {
        return completion;
    }

    /** Has the kernel look at the transmit ring. Returns 0 or the negated errno. */
    public int kickTransmit() {
        return (int) Math.min(0, Linux.sendto(fd, 0, 0, Linux.MSG_DONTWAIT, 0, 0));
    }

    /** Has the kernel look at the fill ring, and poll the driver where that is this process's part. */
    public void kickReceive() {
        Linux.recvfrom(fd, 0, 0, Linux.MSG_DONTWAIT, 0, 0);
    }

    /** Frames lost for want of buffers or of room in the receive ring. */
    public synchronized long drops() {
        if (!closed) {
            try (Arena arena = Arena.ofConfined()) {
                long at = arena.allocate(STATISTICS_SIZE + 8, 8).address();
                Memory.putInt(at + STATISTICS_SIZE, STATISTICS_SIZE);
                if (Linux.getsockopt(fd, SOL_XDP, XDP_STATISTICS, at, at + STATISTICS_SIZE) == 0) {
                    drops = Memory.getLong(at) + Memory.getLong(at + STATISTICS_RX_RING_FULL);
                }
            }
        }
        return drops;
    }

    /** Leaves the queue, and lets go of the memory. Idempotent. */
    @Override
    public synchronized void close() {
        if (!closed) {
            drops();
            closed = true;
            // A mapped ring keeps the socket open.
            rings.forEach(XdpRing::close);
            Linux.close(fd);
        }
    }
}
