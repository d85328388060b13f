// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.driver.DropCause;
import io.ptnetmap.driver.PoolsInfo;
import io.ptnetmap.driver.PortReply;
import io.ptnetmap.driver.PortRequest;
import io.ptnetmap.driver.SwitchPort;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.linux.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The messages by which another process opens ports of the embedded host, as {@code docs/attach-protocol.md} specifies
 * them. Little endian, one message per {@code SOCK_SEQPACKET} record:
 *
 * <pre>
 *    0  magic "PTNM" (4)
 *    4  version (2)      type (2; replies have bit 15 set)
 *    8  sequence (4)     echoed in the reply
 *   12  errno (4)        0 in requests, and in replies where all went well
 *   16  body             in a reply with an errno: UTF-8 text that explains it
 * </pre>
 */
final class AttachProtocol {
    static final int MAGIC = 0x4d4e5450;
    static final int VERSION = 1;
    static final int HEADER_SIZE = 16;
    static final int REPLY = 0x8000;

    /** Request: u32 flags, {@code HELLO_*}. Reply: u32 flags, bit 0 = syncs must fence. */
    static final int HELLO = 1;
    /** Request: {@linkplain #putRequest port request}. Reply: u32 port, {@linkplain #putGrant grant}; descriptors. */
    static final int REGISTER = 2;
    /** Request: u32 port. Reply: empty. */
    static final int RELEASE = 3;
    /** Request: u32 memory id, name. Reply: {@linkplain #putReply port reply}. */
    static final int PORT_INFO = 4;
    /** Request: u32 memory id, name. Reply: {@linkplain #putPools pools}. */
    static final int POOLS_INFO = 5;

    /** Request: {@linkplain #putRequest port request}. Reply: {@linkplain #putCsbGrant CSB grant}; descriptors. */
    static final int OPEN_CSB = 6;
    /** Request: u32 port. Reply: empty. */
    static final int START = 7;
    /** Request: u32 port. Reply: empty. */
    static final int STOP = 8;

    /** Request: {@linkplain #putRequest port request}. Reply: u32 number of the port at the switch. */
    static final int VALE_ATTACH = 9;
    /** Request: name. Reply: u32 number that the port had. */
    static final int VALE_DETACH = 10;
    /** Request: u32 switch, u32 port. Reply: {@linkplain #putSwitchPort the first one from there on}. */
    static final int VALE_LIST = 11;
    /** Request: {@linkplain #putRequest port request}. Reply: u32 memory id. */
    static final int VALE_NEWIF = 12;
    /** Request: name. Reply: empty. */
    static final int VALE_DELIF = 13;

    /** In HELLO: the client has registered for membarrier. */
    static final int HELLO_MEMBARRIER = 1;
    /** In HELLO: the client opens CSB ports only, and so needs no membarrier. */
    static final int HELLO_CSB_ONLY = 2;

    private static final int NAME_SIZE = 64;

    private AttachProtocol() {}

    /** The header of a message. */
    record Header(int type, int sequence, int errno) {}

    /** What a client learns of a port: the host's {@link Grant} without its descriptors. */
    record Granted(int port, long regionSize, int buffers, Registration registration) {}

    static ByteBuffer message(int type, int sequence, int errno) {
        return ByteBuffer.allocate(UnixSocket.MAX_MESSAGE)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putShort((short) VERSION)
                .putShort((short) type)
                .putInt(sequence)
                .putInt(errno);
    }

    static Header header(ByteBuffer message) {
        if (message.remaining() < HEADER_SIZE || message.getInt() != MAGIC) {
            throw new LinuxException("attach", Errno.EPROTO, "the other end does not speak the attach protocol");
        }
        int version = message.getShort() & 0xffff;
        int type = message.getShort() & 0xffff;
        if (version != VERSION) {
            throw new LinuxException(
                    "attach",
                    Errno.EPROTONOSUPPORT,
                    "the other end speaks version " + version + " of the attach protocol, this one " + VERSION
                            + ": use the same release on both sides");
        }
        return new Header(type, message.getInt(), message.getInt());
    }

    static ByteBuffer refusal(int type, int sequence, LinuxException cause) {
        return message(type | REPLY, sequence, cause.number())
                .put(cause.getMessage().getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }

    static void putName(ByteBuffer out, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= NAME_SIZE) {
            throw new LinuxException("attach " + name, Errno.ENAMETOOLONG, "names have at most 63 bytes");
        }
        out.put(bytes).put(new byte[NAME_SIZE - bytes.length]);
    }

    static String name(ByteBuffer in) {
        byte[] bytes = new byte[NAME_SIZE];
        in.get(bytes);
        int length = 0;
        while (length < NAME_SIZE && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    static void putRequest(ByteBuffer out, PortRequest request) {
        putName(out, request.name());
        out.putInt(request.mode())
                .putInt(request.ringId())
                .putLong(request.flags())
                .putInt(request.memId());
        out.putInt(request.txSlots()).putInt(request.rxSlots());
        out.putInt(request.txRings()).putInt(request.rxRings());
        out.putInt(request.hostTxRings()).putInt(request.hostRxRings());
        out.putInt(request.extraBufs());
    }

    static PortRequest request(ByteBuffer in) {
        return new PortRequest(
                name(in),
                in.getInt(),
                in.getInt(),
                in.getLong(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt());
    }

    static void putReply(ByteBuffer out, PortReply reply) {
        out.putLong(reply.offset()).putLong(reply.memsize());
        out.putInt(reply.txSlots()).putInt(reply.rxSlots());
        out.putInt(reply.txRings()).putInt(reply.rxRings());
        out.putInt(reply.hostTxRings()).putInt(reply.hostRxRings());
        out.putInt(reply.memId()).putInt(reply.extraBufs());
    }

    static PortReply reply(ByteBuffer in) {
        return new PortReply(
                in.getLong(),
                in.getLong(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt(),
                in.getInt());
    }

    static void putGrant(ByteBuffer out, int port, Grant grant) {
        out.putInt(port)
                .putInt(grant.region().buffers().total())
                .putLong(grant.region().mapping().length());
        putReply(out, grant.registration().reply());
        out.putInt(grant.registration().lanes().size());
        out.putInt(grant.registration().kind().ordinal());
        for (LaneEnd end : grant.registration().lanes()) {
            out.putInt(end.transmit() ? 1 : 0).putInt(end.ring());
            out.putLong(end.lane()).putLong(end.txRing()).putLong(end.rxRing());
        }
    }

    static Granted granted(ByteBuffer in) {
        int port = in.getInt();
        int buffers = in.getInt();
        long regionSize = in.getLong();
        PortReply reply = reply(in);
        int count = in.getInt();
        Registration.Kind kind = kind(in.getInt());
        List<LaneEnd> lanes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lanes.add(new LaneEnd(in.getInt() != 0, in.getInt(), in.getLong(), in.getLong(), in.getLong()));
        }
        return new Granted(port, regionSize, buffers, new Registration(reply, kind, lanes));
    }

    private static Registration.Kind kind(int number) {
        Registration.Kind[] kinds = Registration.Kind.values();
        if (number < 0 || number >= kinds.length) {
            throw new LinuxException(
                    "attach",
                    Errno.EPROTO,
                    "the host gave a port of kind " + number + ", unknown here: use its release");
        }
        return kinds[number];
    }

    static void putCsbGrant(ByteBuffer out, int port, Grant grant) {
        Region region = grant.region();
        out.putInt(port).putInt(region.buffers().total()).putLong(region.memsize());
        putReply(out, grant.registration().reply());
        putPools(out, region.poolsInfo());
        out.putInt(CsbPort.CSB_SIZE).putInt(0);
    }

    /** What a client learns of a port that the host serves. */
    record CsbGranted(int port, Registration registration, PoolsInfo pools, int csbSize) {}

    static CsbGranted csbGranted(ByteBuffer in) {
        int port = in.getInt();
        in.getInt();
        in.getLong();
        Registration registration = new Registration(reply(in), Registration.Kind.SWITCH, List.of());
        PoolsInfo pools = pools(in);
        int csbSize = in.getInt();
        in.getInt();
        return new CsbGranted(port, registration, pools, csbSize);
    }

    /** Drops are in the order of {@link DropCause}; a client of another release may know fewer, or more. */
    static void putSwitchPort(ByteBuffer out, SwitchPort port) {
        out.putInt(port.bridge()).putInt(port.port());
        putName(out, port.name());
        out.putInt(port.traffic().isPresent() ? 1 : 0)
                .putInt(port.traffic().isPresent() ? DropCause.values().length : 0);
        port.traffic().ifPresent(traffic -> {
            out.putLong(traffic.taken()).putLong(traffic.copies()).putLong(traffic.delivered());
            for (DropCause cause : DropCause.values()) {
                out.putLong(traffic.dropped(cause));
            }
        });
    }

    static SwitchPort switchPort(ByteBuffer in) {
        int bridge = in.getInt();
        int port = in.getInt();
        String name = name(in);
        boolean counted = in.getInt() != 0;
        int causes = in.getInt();
        if (!counted) {
            return new SwitchPort(name, bridge, port, Optional.empty());
        }
        long taken = in.getLong();
        long copies = in.getLong();
        long delivered = in.getLong();
        Map<DropCause, Long> drops = new EnumMap<>(DropCause.class);
        for (int i = 0; i < causes; i++) {
            long packets = in.getLong();
            if (i < DropCause.values().length) {
                drops.put(DropCause.values()[i], packets);
            }
        }
        return new SwitchPort(name, bridge, port, Optional.of(new SwitchPort.Traffic(taken, copies, delivered, drops)));
    }

    static void putPools(ByteBuffer out, PoolsInfo pools) {
        out.putLong(pools.memsize()).putInt(pools.memId()).putInt(0);
        for (PoolsInfo.Pool pool : List.of(pools.netmapIf(), pools.ring(), pools.buffer())) {
            out.putLong(pool.offset()).putInt(pool.objects()).putInt(pool.objectSize());
        }
    }

    static PoolsInfo pools(ByteBuffer in) {
        long memsize = in.getLong();
        int memId = in.getInt();
        in.getInt();
        return new PoolsInfo(memsize, memId, pool(in), pool(in), pool(in));
    }

    private static PoolsInfo.Pool pool(ByteBuffer in) {
        return new PoolsInfo.Pool(in.getLong(), in.getInt(), in.getInt());
    }
}
