// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.abi.NmreqRegister;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.Mapping;
import io.ptnetmap.linux.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/** The client's side of OPEN_CSB, START and STOP: what QEMU does. For one thread at a time. */
public final class CsbClient implements AutoCloseable {
    private final UnixSocket socket;
    private int sequence;

    private CsbClient(UnixSocket socket) {
        this.socket = socket;
        exchange(message(AttachProtocol.HELLO).putInt(AttachProtocol.HELLO_CSB_ONLY));
    }

    public static CsbClient connect(Path path) {
        return new CsbClient(UnixSocket.connect(path));
    }

    /** What the reply to OPEN_CSB says. */
    record Granted(int port, int buffers, long mappable, PortReply reply, PoolsInfo pools, int csbSize) {
        static Granted read(ByteBuffer in) {
            Granted granted = new Granted(
                    in.getInt(),
                    in.getInt(),
                    in.getLong(),
                    AttachProtocol.reply(in),
                    AttachProtocol.pools(in),
                    in.getInt());
            in.getInt();
            return granted;
        }
    }

    /** An open port: its memory and eventfds. Closing it does not release it. */
    final class Port implements AutoCloseable {
        final Granted granted;
        final Mapping region;
        final Mapping csb;
        /** By ring, transmit rings first. */
        final int[] kicks;

        final int[] irqs;

        private Port(Granted granted, int[] descriptors) {
            this.granted = granted;
            this.region = Mapping.of(descriptors[0], granted.mappable());
            this.csb = Mapping.of(descriptors[1], granted.csbSize());
            Linux.close(descriptors[0]);
            Linux.close(descriptors[1]);
            int rings = (descriptors.length - 2) / 2;
            this.kicks = new int[rings];
            this.irqs = new int[rings];
            Arrays.setAll(kicks, i -> descriptors[2 + 2 * i]);
            Arrays.setAll(irqs, i -> descriptors[3 + 2 * i]);
        }

        void start() {
            control(AttachProtocol.START);
        }

        void stop() {
            control(AttachProtocol.STOP);
        }

        void release() {
            control(AttachProtocol.RELEASE);
        }

        private void control(int type) {
            exchange(message(type).putInt(granted.port()));
        }

        @Override
        public void close() {
            region.close();
            csb.close();
            Arrays.stream(kicks).forEach(Linux::close);
            Arrays.stream(irqs).forEach(Linux::close);
        }
    }

    /** A whole port with rings of {@code slots}, 0 = as many as the host likes. */
    Port open(String name, int slots) {
        return open(new PortRequest(name, NmreqRegister.NR_REG_ALL_NIC, 0, 0, 0, slots, slots, 0, 0, 0, 0, 0));
    }

    Port open(PortRequest request) {
        ByteBuffer out = message(AttachProtocol.OPEN_CSB);
        AttachProtocol.putRequest(out, request);
        UnixSocket.Message reply = exchange(out);
        return new Port(Granted.read(reply.data()), reply.descriptors());
    }

    /** Opens a port for its region, of which it maps all, also what the port's user has no business with. */
    Mapping mapWhole(PortRequest request) {
        ByteBuffer out = message(AttachProtocol.OPEN_CSB);
        AttachProtocol.putRequest(out, request);
        UnixSocket.Message reply = exchange(out);
        int[] descriptors = reply.descriptors();
        Granted granted = Granted.read(reply.data());
        int lanes = granted.pools().ring().objects() / 2;
        Mapping whole = Mapping.of(descriptors[0], granted.mappable() + (long) lanes * PipeLane.SIZE);
        Arrays.stream(descriptors).forEach(Linux::close);
        return whole;
    }

    private ByteBuffer message(int type) {
        return AttachProtocol.message(type, ++sequence, 0);
    }

    private synchronized UnixSocket.Message exchange(ByteBuffer request) {
        socket.send(request.flip());
        UnixSocket.Message reply = socket.receive().orElseThrow();
        AttachProtocol.Header header = AttachProtocol.header(reply.data());
        if (header.errno() != 0) {
            throw new LinuxException("refused", header.errno(), AttachProtocol.text(reply.data()));
        }
        return reply;
    }

    @Override
    public void close() {
        socket.close();
    }
}
