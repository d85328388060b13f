// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.linux;

import io.ptnetmap.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A Unix domain socket of whole messages ({@code SOCK_SEQPACKET}) that can carry descriptors along ({@code SCM_RIGHTS}),
 * which Java's own channels cannot. For one thread at a time.
 */
public final class UnixSocket implements AutoCloseable {
    /** Longest message, bytes. */
    public static final int MAX_MESSAGE = 65536;

    /** Most descriptors of a message: the kernel's limit. */
    public static final int MAX_DESCRIPTORS = 253;

    // struct sockaddr_un: family (2), path (108).
    private static final int SOCKADDR_SIZE = 110;
    private static final int PATH_SIZE = 107;
    private static final int CMSG_SPACE = MessageVector.CMSG_HEADER + 4 * MAX_DESCRIPTORS;

    private final int fd;
    private final Arena arena = Arena.ofAuto();
    private final MemorySegment data = arena.allocate(MAX_MESSAGE, 8);
    private final MemorySegment header =
            arena.allocate(MessageVector.MSGHDR_SIZE + MessageVector.IOVEC_SIZE + CMSG_SPACE, 8);
    private boolean closed;

    private UnixSocket(int fd) {
        this.fd = fd;
    }

    /** A listening socket at a path that does not exist. */
    public static UnixSocket listen(Path path) {
        UnixSocket socket = new UnixSocket(Linux.socket(Linux.AF_UNIX, Linux.SOCK_SEQPACKET | Linux.SOCK_NONBLOCK, 0));
        socket.withAddress(path, "bind ", (address, length) -> Linux.bind(socket.fd, address, length));
        Linux.listen(socket.fd, 64);
        return socket;
    }

    /** A connection to a listening socket. */
    public static UnixSocket connect(Path path) {
        UnixSocket socket = new UnixSocket(Linux.socket(Linux.AF_UNIX, Linux.SOCK_SEQPACKET, 0));
        socket.withAddress(path, "connect ", (address, length) -> Linux.connect(socket.fd, address, length));
        return socket;
    }

    private interface AddressCall {
        int call(long address, int length);
    }

    private void withAddress(Path path, String request, AddressCall call) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        int error = Errno.ENAMETOOLONG.number();
        if (name.length <= PATH_SIZE) {
            try (Arena scratch = Arena.ofConfined()) {
                MemorySegment address = scratch.allocate(SOCKADDR_SIZE, 8);
                Memory.putShort(address.address(), (short) Linux.AF_UNIX);
                Memory.copy(name, 0, address.address() + 2, name.length);
                error = -call.call(address.address(), 2 + name.length + 1);
            }
        }
        if (error != 0) {
            close();
            throw new LinuxException(request + path, error);
        }
    }

    /** The next connection of a listening socket, if there is one. */
    public Optional<UnixSocket> accept() {
        int connection = Linux.accept(fd, Linux.SOCK_NONBLOCK);
        return connection < 0 ? Optional.empty() : Optional.of(new UnixSocket(connection));
    }

    /** For {@code poll(2)}. */
    public int descriptor() {
        return fd;
    }

    /** The user id of the process at the other end. */
    public int peerUid() {
        return peerCredential(4);
    }

    /** A descriptor of the process at the other end, see {@link Linux#processDescriptor}. */
    public int peerProcess() {
        return Linux.processDescriptor(peerCredential(0));
    }

    /** A word of {@code struct ucred}: process, user and group id. */
    private int peerCredential(int offset) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment ucred = scratch.allocate(16, 8);
            Memory.putInt(ucred.address() + 12, 12);
            int result =
                    Linux.getsockopt(fd, Linux.SOL_SOCKET, Linux.SO_PEERCRED, ucred.address(), ucred.address() + 12);
            if (result < 0) {
                throw new LinuxException("getsockopt SO_PEERCRED", -result);
            }
            return Memory.getInt(ucred.address() + offset);
        }
    }

    /** Sends one message with descriptors, which the receiver gets as duplicates. */
    public void send(ByteBuffer message, int... descriptors) {
        int length = message.remaining();
        data.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).put(message);
        long msghdr = prepare(length, descriptors.length == 0 ? 0 : MessageVector.CMSG_HEADER + 4 * descriptors.length);
        long control = msghdr + MessageVector.MSGHDR_SIZE + MessageVector.IOVEC_SIZE;
        Memory.putLong(control, MessageVector.CMSG_HEADER + 4L * descriptors.length);
        Memory.putInt(control + 8, Linux.SOL_SOCKET);
        Memory.putInt(control + 12, Linux.SCM_RIGHTS);
        for (int i = 0; i < descriptors.length; i++) {
            Memory.putInt(control + MessageVector.CMSG_HEADER + 4L * i, descriptors[i]);
        }
        long sent = Linux.sendmsg(fd, msghdr, 0);
        if (sent < 0) {
            throw new LinuxException("sendmsg", (int) -sent);
        }
    }

    /** A message that came in. */
    public record Message(ByteBuffer data, int[] descriptors) {}

    /**
     * Receives one message; its data are valid until the next call. The descriptors are the caller's to close.
     *
     * @return empty at the end of the connection
     */
    public Optional<Message> receive() {
        long msghdr = prepare(MAX_MESSAGE, CMSG_SPACE);
        long received = Linux.recvmsg(fd, msghdr, 0);
        if (received < 0 && received != -Errno.ECONNRESET.number()) {
            throw new LinuxException("recvmsg", (int) -received);
        }
        if (received <= 0) {
            return Optional.empty();
        }
        long control = msghdr + MessageVector.MSGHDR_SIZE + MessageVector.IOVEC_SIZE;
        int[] descriptors = new int[0];
        if (Memory.getLong(msghdr + MessageVector.MSG_CONTROLLEN) >= MessageVector.CMSG_HEADER
                && Memory.getInt(control + 8) == Linux.SOL_SOCKET
                && Memory.getInt(control + 12) == Linux.SCM_RIGHTS) {
            descriptors = new int[(int) (Memory.getLong(control) - MessageVector.CMSG_HEADER) / 4];
            for (int i = 0; i < descriptors.length; i++) {
                descriptors[i] = Memory.getInt(control + MessageVector.CMSG_HEADER + 4L * i);
            }
        }
        ByteBuffer message = data.asSlice(0, received).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return Optional.of(new Message(message, descriptors));
    }

    private long prepare(int length, int controlLength) {
        long msghdr = header.address();
        long iovec = msghdr + MessageVector.MSGHDR_SIZE;
        header.fill((byte) 0);
        Memory.putLong(iovec, data.address());
        Memory.putLong(iovec + 8, length);
        Memory.putLong(msghdr + MessageVector.MSG_IOV, iovec);
        Memory.putLong(msghdr + MessageVector.MSG_IOVLEN, 1);
        Memory.putLong(msghdr + MessageVector.MSG_CONTROL, iovec + MessageVector.IOVEC_SIZE);
        Memory.putLong(msghdr + MessageVector.MSG_CONTROLLEN, controlLength);
        return msghdr;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Linux.close(fd);
        }
    }
}
