// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The system calls that the binding needs, through one {@code syscall(2)} handle.
 *
 * <p>One entry point instead of thirty: the first call of each foreign function costs milliseconds of start-up, and all
 * of these are either rare or dominated by the kernel. Every method takes and returns plain numbers, allocates nothing
 * after the thread's first call, may be called from any thread, and throws {@link LinuxException} on failure unless it
 * says otherwise. Numbers are those of x86-64.
 */
public final class Linux {
    // System call numbers, x86-64.
    private static final int SYS_READ = 0;
    private static final int SYS_WRITE = 1;
    private static final int SYS_CLOSE = 3;
    private static final int SYS_MMAP = 9;
    private static final int SYS_MUNMAP = 11;
    private static final int SYS_IOCTL = 16;
    private static final int SYS_READV = 19;
    private static final int SYS_WRITEV = 20;
    private static final int SYS_SOCKET = 41;
    private static final int SYS_CONNECT = 42;
    private static final int SYS_SENDTO = 44;
    private static final int SYS_RECVFROM = 45;
    private static final int SYS_SENDMSG = 46;
    private static final int SYS_RECVMSG = 47;
    private static final int SYS_BIND = 49;
    private static final int SYS_LISTEN = 50;
    private static final int SYS_GETSOCKNAME = 51;
    private static final int SYS_SETSOCKOPT = 54;
    private static final int SYS_GETSOCKOPT = 55;
    private static final int SYS_FCNTL = 72;
    private static final int SYS_FTRUNCATE = 77;
    private static final int SYS_SETSID = 112;
    private static final int SYS_FSTATFS = 138;
    private static final int SYS_SETPRIORITY = 141;
    private static final int SYS_SCHED_SETAFFINITY = 203;
    private static final int SYS_EPOLL_WAIT = 232;
    private static final int SYS_EPOLL_CTL = 233;
    private static final int SYS_OPENAT = 257;
    private static final int SYS_PPOLL = 271;
    private static final int SYS_TIMERFD_CREATE = 283;
    private static final int SYS_TIMERFD_SETTIME = 286;
    private static final int SYS_ACCEPT4 = 288;
    private static final int SYS_FALLOCATE = 285;
    private static final int SYS_EVENTFD2 = 290;
    private static final int SYS_EPOLL_CREATE1 = 291;
    private static final int SYS_RECVMMSG = 299;
    private static final int SYS_SENDMMSG = 307;
    private static final int SYS_MEMFD_CREATE = 319;
    private static final int SYS_BPF = 321;
    private static final int SYS_MEMBARRIER = 324;

    private static final int SYS_PIDFD_OPEN = 434;

    public static final int O_RDONLY = 0;
    public static final int O_RDWR = 2;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;

    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int MAP_SHARED = 0x01;
    public static final int MAP_PRIVATE = 0x02;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    /** Has the page tables filled at once. */
    public static final int MAP_POPULATE = 0x8000;

    public static final int MFD_CLOEXEC = 0x1;
    public static final int MFD_ALLOW_SEALING = 0x2;
    private static final int MFD_HUGETLB = 0x4;
    private static final int MFD_HUGE_SHIFT = 26;
    public static final int F_DUPFD_CLOEXEC = 1030;
    public static final int F_ADD_SEALS = 1033;
    public static final int F_GET_SEALS = 1034;
    public static final int F_SEAL_SEAL = 0x1;
    public static final int F_SEAL_SHRINK = 0x2;
    public static final int F_SEAL_GROW = 0x4;

    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLL_CTL_MOD = 3;
    private static final int EPOLLET = 1 << 31;
    /** Bytes of {@code struct epoll_event}, which is packed on x86-64. */
    private static final int EPOLL_EVENT_SIZE = 12;

    private static final int HUGETLBFS_MAGIC = 0x958458f6;
    /** Bytes of {@code struct statfs}, which begins with the type and the block size, 8 bytes each. */
    private static final int STATFS_SIZE = 120;

    private static final int CLOCK_MONOTONIC = 1;
    private static final int TFD_FLAGS = 0x80000 | 0x800;

    public static final int EFD_CLOEXEC = 0x80000;
    public static final int EFD_NONBLOCK = 0x800;

    public static final short POLLIN = 0x001;
    public static final short POLLOUT = 0x004;
    public static final short POLLERR = 0x008;
    public static final short POLLHUP = 0x010;
    public static final short POLLNVAL = 0x020;
    public static final short POLLRDNORM = 0x040;
    public static final short POLLWRNORM = 0x100;
    /** Bytes of {@code struct pollfd}: fd (4), events (2), revents (2). */
    public static final int POLLFD_SIZE = 8;

    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_NETLINK = 16;
    public static final int AF_PACKET = 17;
    public static final int AF_XDP = 44;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SOL_SOCKET = 1;
    public static final int SO_ERROR = 4;
    public static final int SO_RCVBUF = 8;
    public static final int SO_PEERCRED = 17;
    /** As {@link #SO_RCVBUF}, beyond the system's limit; for {@code CAP_NET_ADMIN}. */
    public static final int SO_RCVBUFFORCE = 33;

    public static final int SCM_RIGHTS = 1;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** Makes every running thread of every registered process pass a full barrier. */
    public static final int MEMBARRIER_CMD_GLOBAL_EXPEDITED = 2;
    /** Registers this process for {@link #MEMBARRIER_CMD_GLOBAL_EXPEDITED}. */
    public static final int MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED = 4;

    private static final int AT_FDCWD = -100;
    private static final MemoryLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final MethodHandle SYSCALL = syscallHandle();
    private static final AtomicReference<Boolean> MEMBARRIER = new AtomicReference<>();

    private static final int SMALL = 64;

    /** Per thread: where errno is captured, and room for small arguments. */
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private static final class Scratch {
        final Arena arena = Arena.ofAuto();
        final MemorySegment errno = arena.allocate(CAPTURE);
        final MemorySegment small = arena.allocate(SMALL, 8);
    }

    private Linux() {}

    private static MethodHandle syscallHandle() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                Linker.Option.captureCallState("errno"));
    }

    /** The raw call: its result, or the negated errno. Never throws. */
    private static long call(long number, long a, long b, long c, long d, long e, long f) {
        MemorySegment errno = SCRATCH.get().errno;
        try {
            long result = (long) SYSCALL.invokeExact(errno, number, a, b, c, d, e, f);
            return result == -1 ? -errno.get(JAVA_INT, 0) : result;
        } catch (Throwable thrown) {
            throw new AssertionError("syscall(2) handle", thrown);
        }
    }

    private static long check(String request, long result) {
        if (result < 0) {
            throw new LinuxException(request, (int) -result);
        }
        return result;
    }

    private static MemorySegment cString(Arena arena, String text) {
        return arena.allocateFrom(text);
    }

    public static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) check(
                    "open " + path,
                    call(SYS_OPENAT, AT_FDCWD, cString(arena, path).address(), flags | O_CLOEXEC, 0, 0, 0));
        }
    }

    /** Closes a descriptor. Errors are of no use to anyone by then and are ignored. */
    public static void close(int fd) {
        call(SYS_CLOSE, fd, 0, 0, 0, 0, 0);
    }

    /** {@code ioctl(2)} with an address or a number as its argument. Returns the negated errno on failure. */
    public static int ioctl(int fd, long request, long argument) {
        return (int) call(SYS_IOCTL, fd, request, argument, 0, 0, 0);
    }

    /** Returns the address. */
    public static long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return check("mmap", call(SYS_MMAP, address, length, protection, flags, fd, offset));
    }

    public static void munmap(long address, long length) {
        check("munmap", call(SYS_MUNMAP, address, length, 0, 0, 0, 0));
    }

    public static int memfdCreate(String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) check(
                    "memfd_create", call(SYS_MEMFD_CREATE, cString(arena, name).address(), flags, 0, 0, 0, 0));
        }
    }

    /** The flag of {@link #memfdCreate} that has the file lie in huge pages of {@code size} bytes, a power of two. */
    public static int hugePages(long size) {
        return MFD_HUGETLB | Long.numberOfTrailingZeros(size) << MFD_HUGE_SHIFT;
    }

    /** Bytes of the huge pages that a file lies in, of which lengths of mappings must be multiples; 1 for other files. */
    static long hugePageSize(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(STATFS_SIZE, 8);
            check("fstatfs", call(SYS_FSTATFS, fd, statfs.address(), 0, 0, 0, 0));
            return (int) statfs.get(JAVA_LONG, 0) == HUGETLBFS_MAGIC ? statfs.get(JAVA_LONG, 8) : 1;
        }
    }

    /** Takes all memory of a file from the system now, so that no later access to it can run out. */
    public static void fallocate(int fd, long length) {
        long result;
        do {
            // Goes on where a signal, such as a profiler's, has interrupted it.
            result = call(SYS_FALLOCATE, fd, 0, 0, length, 0, 0);
        } while (result == -Errno.EINTR.number());
        check("fallocate", result);
    }

    public static void ftruncate(int fd, long length) {
        check("ftruncate", call(SYS_FTRUNCATE, fd, length, 0, 0, 0, 0));
    }

    public static int fcntl(int fd, int command, long argument) {
        return (int) check("fcntl", call(SYS_FCNTL, fd, command, argument, 0, 0, 0));
    }

    /** A second descriptor of the same open file. */
    public static int duplicate(int fd) {
        return fcntl(fd, F_DUPFD_CLOEXEC, 0);
    }

    /** A non-blocking, close-on-exec eventfd with counter 0. */
    public static int eventfd() {
        return (int) check("eventfd", call(SYS_EVENTFD2, 0, EFD_CLOEXEC | EFD_NONBLOCK, 0, 0, 0, 0));
    }

    /** Adds 1 to an eventfd, which wakes who polls it. A counter at its maximum is as good: no error. */
    public static void eventfdSignal(int fd) {
        MemorySegment one = SCRATCH.get().small;
        one.set(JAVA_LONG, 0, 1L);
        call(SYS_WRITE, fd, one.address(), 8, 0, 0, 0);
    }

    /** Resets an eventfd to 0. */
    public static void eventfdDrain(int fd) {
        call(SYS_READ, fd, SCRATCH.get().small.address(), 8, 0, 0, 0);
    }

    /** A close-on-exec epoll instance. */
    public static int epoll() {
        return (int) check("epoll_create1", call(SYS_EPOLL_CREATE1, EPOLL_CLOEXEC, 0, 0, 0, 0, 0));
    }

    /**
     * Makes an epoll instance readable whenever one of the events newly occurs on {@code fd}, or has occurred when this is
     * called: edge-triggered.
     */
    public static void epollAdd(int epoll, int fd, int events) {
        check("epoll_ctl", epollControl(epoll, EPOLL_CTL_ADD, fd, events | EPOLLET));
    }

    /** Replaces the events of {@link #epollAdd}. */
    public static void epollModify(int epoll, int fd, int events) {
        check("epoll_ctl", epollControl(epoll, EPOLL_CTL_MOD, fd, events | EPOLLET));
    }

    /** Makes an epoll instance readable for as long as one of the events is there on {@code fd}: level-triggered. */
    public static void epollAddLevel(int epoll, int fd, int events) {
        check("epoll_ctl", epollControl(epoll, EPOLL_CTL_ADD, fd, events));
    }

    /** Replaces the events of {@link #epollAddLevel}. */
    public static void epollModifyLevel(int epoll, int fd, int events) {
        check("epoll_ctl", epollControl(epoll, EPOLL_CTL_MOD, fd, events));
    }

    private static long epollControl(int epoll, int operation, int fd, int events) {
        // struct epoll_event: events (4), data (8).
        long event = SCRATCH.get().small.address();
        Memory.putInt(event, events);
        Memory.putLong(event + 4, fd);
        return call(SYS_EPOLL_CTL, epoll, operation, fd, event, 0, 0);
    }

    /** Undoes {@link #epollAdd}. Closing {@code fd} does not, where other descriptors of the same file are open. */
    public static void epollRemove(int epoll, int fd) {
        epollControl(epoll, EPOLL_CTL_DEL, fd, 0);
    }

    /** Waits for events of an epoll instance, or for a signal, and takes some of them. */
    public static void epollAwait(int epoll) {
        call(SYS_EPOLL_WAIT, epoll, SCRATCH.get().small.address(), SMALL / EPOLL_EVENT_SIZE, -1, 0, 0);
    }

    /** Takes the event of an epoll instance with one descriptor, if there is one; does not wait. */
    public static void epollDrain(int epoll) {
        call(SYS_EPOLL_WAIT, epoll, SCRATCH.get().small.address(), 1, 0, 0, 0);
    }

    /** A non-blocking, close-on-exec timer that is not set; readable when it has run out. */
    public static int timer() {
        return (int) check("timerfd_create", call(SYS_TIMERFD_CREATE, CLOCK_MONOTONIC, TFD_FLAGS, 0, 0, 0, 0));
    }

    /** Has a timer run out once, this long from now; 0 = never. */
    public static void timerSet(int fd, long nanos) {
        // struct itimerspec: interval, then the first time, seconds and nanoseconds each.
        long spec = SCRATCH.get().small.address();
        Memory.putLong(spec, 0);
        Memory.putLong(spec + 8, 0);
        Memory.putLong(spec + 16, nanos / 1_000_000_000L);
        Memory.putLong(spec + 24, nanos % 1_000_000_000L);
        call(SYS_TIMERFD_SETTIME, fd, 0, spec, 0, 0, 0);
    }

    /** {@code bpf(2)}. Returns its result, or the negated errno. */
    static int bpf(int command, long attributes, int size) {
        return (int) call(SYS_BPF, command, attributes, size, 0, 0, 0);
    }

    /** {@code readv(2)} into {@code count} {@code struct iovec}s: bytes read, or the negated errno. */
    public static long readv(int fd, long iovecs, int count) {
        return call(SYS_READV, fd, iovecs, count, 0, 0, 0);
    }

    /** {@code writev(2)} from {@code count} {@code struct iovec}s: bytes written, or the negated errno. */
    public static long writev(int fd, long iovecs, int count) {
        return call(SYS_WRITEV, fd, iovecs, count, 0, 0, 0);
    }

    /**
     * {@code ppoll(2)} on an array of {@code struct pollfd}.
     *
     * @param timeoutNanos how long to wait; negative = for ever
     * @return descriptors with events, 0 on timeout or interruption by a signal
     */
    public static int poll(long pollfds, int count, long timeoutNanos) {
        long timespec = 0;
        if (timeoutNanos >= 0) {
            timespec = SCRATCH.get().small.address() + 16;
            Memory.putLong(timespec, timeoutNanos / 1_000_000_000L);
            Memory.putLong(timespec + 8, timeoutNanos % 1_000_000_000L);
        }
        long result = call(SYS_PPOLL, pollfds, count, timespec, 0, 0, 0);
        if (result == -Errno.EINTR.number()) {
            return 0;
        }
        return (int) check("ppoll", result);
    }

    /** Polls a single descriptor; returns its {@code revents}, 0 on timeout. */
    public static int poll(int fd, int events, long timeoutNanos) {
        return poll(fd, events, -1, timeoutNanos);
    }

    /** Polls a descriptor, and another one, -1 = none, whose input ends the wait. Returns {@code revents} of the first. */
    public static int poll(int fd, int events, int other, long timeoutNanos) {
        long pollfds = SCRATCH.get().small.address();
        pollfd(pollfds, fd, events);
        pollfd(pollfds + POLLFD_SIZE, other, POLLIN);
        poll(pollfds, 2, timeoutNanos);
        return revents(pollfds);
    }

    /** Writes a {@code struct pollfd}. */
    public static void pollfd(long pollfd, int fd, int events) {
        Memory.putInt(pollfd, fd);
        Memory.putShort(pollfd + 4, (short) events);
        Memory.putShort(pollfd + 6, (short) 0);
    }

    /** What {@code poll(2)} said in a {@code struct pollfd}. */
    public static int revents(long pollfd) {
        return Memory.getShort(pollfd + 6) & 0xffff;
    }

    public static int socket(int domain, int type, int protocol) {
        return (int) check("socket", call(SYS_SOCKET, domain, type | SOCK_CLOEXEC, protocol, 0, 0, 0));
    }

    /** Returns 0 or the negated errno. */
    public static int bind(int fd, long sockaddr, int length) {
        return (int) call(SYS_BIND, fd, sockaddr, length, 0, 0, 0);
    }

    /** Returns 0 or the negated errno. */
    public static int connect(int fd, long sockaddr, int length) {
        return (int) call(SYS_CONNECT, fd, sockaddr, length, 0, 0, 0);
    }

    public static void listen(int fd, int backlog) {
        check("listen", call(SYS_LISTEN, fd, backlog, 0, 0, 0, 0));
    }

    /** Returns the connection, or the negated errno. */
    public static int accept(int fd, int flags) {
        return (int) call(SYS_ACCEPT4, fd, 0, 0, flags | SOCK_CLOEXEC, 0, 0);
    }

    /** Returns 0 or the negated errno. */
    public static int getsockname(int fd, long sockaddr, long lengthAddress) {
        return (int) call(SYS_GETSOCKNAME, fd, sockaddr, lengthAddress, 0, 0, 0);
    }

    /** Returns 0 or the negated errno. */
    public static int setsockopt(int fd, int level, int option, long value, int length) {
        return (int) call(SYS_SETSOCKOPT, fd, level, option, value, length, 0);
    }

    /** Returns 0 or the negated errno; {@code lengthAddress} points to an int. */
    public static int getsockopt(int fd, int level, int option, long value, long lengthAddress) {
        return (int) call(SYS_GETSOCKOPT, fd, level, option, value, lengthAddress, 0);
    }

    /** Bytes sent, or the negated errno. */
    public static long sendto(int fd, long address, long length, int flags, long sockaddr, int sockaddrLength) {
        return call(SYS_SENDTO, fd, address, length, flags, sockaddr, sockaddrLength);
    }

    /** Bytes received, or the negated errno. */
    public static long recvfrom(int fd, long address, long length, int flags, long sockaddr, long lengthAddress) {
        return call(SYS_RECVFROM, fd, address, length, flags, sockaddr, lengthAddress);
    }

    /** Bytes sent, or the negated errno. */
    public static long sendmsg(int fd, long msghdr, int flags) {
        return call(SYS_SENDMSG, fd, msghdr, flags | MSG_NOSIGNAL, 0, 0, 0);
    }

    /** Bytes received, 0 at the end of the stream, or the negated errno. */
    public static long recvmsg(int fd, long msghdr, int flags) {
        return call(SYS_RECVMSG, fd, msghdr, flags | MSG_CMSG_CLOEXEC, 0, 0, 0);
    }

    /** Sends up to {@code count} messages. Returns how many, or the negated errno where the first one could not be sent. */
    public static int sendmmsg(int fd, long mmsghdrs, int count, int flags) {
        return (int) call(SYS_SENDMMSG, fd, mmsghdrs, count, flags | MSG_NOSIGNAL, 0, 0);
    }

    /**
     * Receives up to {@code count} messages. Returns how many, or the negated errno where there was none. Not for messages
     * with descriptors: unlike {@link #recvmsg} it does not ask for {@link #MSG_CMSG_CLOEXEC}, which packet sockets refuse.
     */
    public static int recvmmsg(int fd, long mmsghdrs, int count, int flags) {
        return (int) call(SYS_RECVMMSG, fd, mmsghdrs, count, flags, 0, 0);
    }

    /** A descriptor that is readable when a process has ended, all its files closed; or the negated errno. */
    public static int processDescriptor(int pid) {
        return (int) call(SYS_PIDFD_OPEN, pid, 0, 0, 0, 0, 0);
    }

    /** Leaves the terminal's process group, so that its Ctrl-C goes to others only. No error where there is none to leave. */
    public static void newSession() {
        call(SYS_SETSID, 0, 0, 0, 0, 0, 0);
    }

    /** Binds the calling thread to one processor. */
    public static void pinThread(int cpu) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(128, 8);
            mask.set(JAVA_LONG, cpu / 64 * 8L, 1L << cpu % 64);
            check("sched_setaffinity cpu " + cpu, call(SYS_SCHED_SETAFFINITY, 0, 128, mask.address(), 0, 0, 0));
        }
    }

    /**
     * Has the calling thread, and those that it starts, stand back behind others; there is no way back without privileges. Where a
     * sandbox refuses it, nothing changes.
     *
     * @param nice from 0, as all others, to 19, hardly ever where others want the processor
     */
    public static void yieldToOthers(int nice) {
        call(SYS_SETPRIORITY, 0, 0, nice, 0, 0, 0);
    }

    /**
     * Registers this process for expedited barriers, once. With all users of a region registered, {@link
     * #globalBarrier()} by a thread that is about to sleep replaces a full fence in every sync of those that are awake.
     *
     * @return whether the kernel has it
     */
    public static boolean registerGlobalBarrier() {
        Boolean known = MEMBARRIER.get();
        if (known == null) {
            known = call(SYS_MEMBARRIER, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0, 0, 0, 0) == 0;
            MEMBARRIER.set(known);
        }
        return known;
    }

    /** A full barrier on every thread of every process that called {@link #registerGlobalBarrier()}. */
    public static void globalBarrier() {
        check("membarrier", call(SYS_MEMBARRIER, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0, 0, 0, 0));
    }
}
