// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools.pktgen;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.memory.OnesComplement;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * UDP packets over IPv4 or IPv6 whose addresses and ports go through their ranges, or are random in them, with checksums that
 * are right for each.
 *
 * <p>In a range the source's port moves first, then the source's address, the destination's port and the destination's
 * address, each when the one before it begins again.
 *
 * <pre>
 *   0          14               34 (54)   42 (62)
 *   +----------+----------------+---------+------------------------------------------+
 *   | Ethernet | IPv4 (IPv6)    | UDP     | [sequence number, 4 bytes] text, repeated |
 *   +----------+----------------+---------+------------------------------------------+
 * </pre>
 */
final class UdpFrames implements Frames {
    static final int ETHERNET_LENGTH = 14;
    static final int IPV4_LENGTH = 20;
    static final int IPV6_LENGTH = 40;
    static final int UDP_LENGTH = 8;

    /** Bytes at the beginning of the payload that {@link #sequence} writes. */
    static final int SEQUENCE_LENGTH = 4;

    private static final byte[] TEXT = "ptnetmap packet generator ".getBytes(StandardCharsets.US_ASCII);
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int TTL = 64;
    private static final int UDP = 17;
    private static final int MASK = 0xffff;

    private final FrameConfig config;
    private final Arena arena = Arena.ofShared();
    private final long frame;
    private final int udpAt;
    /** By payload length: the sum of the payload without its first {@link #SEQUENCE_LENGTH} bytes. */
    private final int[] payloadSums;

    private final Cursor source;
    private final Cursor destination;
    private final SplittableRandom random;
    /** Sum of what does not change of the IPv4 header. */
    private final int ipSum;

    private int length;
    private int sequence;
    private boolean sequenced;
    private boolean first = true;
    private final boolean fixed;

    /**
     * @param config what the frames are like
     * @param seed of what is random: by it, each thread's are its own
     */
    UdpFrames(FrameConfig config, long seed) {
        this.config = config;
        this.random = new SplittableRandom(seed);
        this.source = new Cursor(config.source(), config.randomSource());
        this.destination = new Cursor(config.destination(), config.randomDestination());
        this.length = config.maxSize();
        int longest = Math.max(config.maxSize(), headerLength());
        frame = arena.allocate(longest + 64L, 64).address();
        udpAt = headerLength() - UDP_LENGTH;
        fixed = config.minSize() == config.maxSize() && source.still() && destination.still();
        writeEthernet();
        writeIp();
        for (int i = headerLength(); i < longest; i++) {
            Memory.putByte(frame + i, TEXT[(i - headerLength()) % TEXT.length]);
        }
        payloadSums = payloadSums(longest - headerLength());
        ipSum = config.ipv6() ? 0 : OnesComplement.sum(frame + ETHERNET_LENGTH, 12);
    }

    private int headerLength() {
        return ETHERNET_LENGTH + (config.ipv6() ? IPV6_LENGTH : IPV4_LENGTH) + UDP_LENGTH;
    }

    private int[] payloadSums(int longest) {
        int[] sums = new int[longest + 1];
        long payload = frame + headerLength();
        int sum = 0;
        for (int i = SEQUENCE_LENGTH; i < longest; i++) {
            int part = Memory.getByte(payload + i) & 0xff;
            sum = OnesComplement.fold(sum + (i % 2 == 0 ? part << Byte.SIZE : part));
            sums[i + 1] = sum;
        }
        return sums;
    }

    private void writeEthernet() {
        for (int i = 0; i < 6; i++) {
            Memory.putByte(frame + i, config.destinationMac().at(i));
            Memory.putByte(frame + 6 + i, config.sourceMac().at(i));
        }
        Memory.putShortBigEndian(frame + 12, (short) (config.ipv6() ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4));
    }

    private void writeIp() {
        long ip = frame + ETHERNET_LENGTH;
        if (config.ipv6()) {
            Memory.putIntBigEndian(ip, 6 << 28);
            Memory.putByte(ip + 6, (byte) UDP);
            Memory.putByte(ip + 7, (byte) TTL);
            Memory.putLongBigEndian(ip + 8, config.source().high());
            Memory.putLongBigEndian(ip + 24, config.destination().high());
        } else {
            Memory.putShortBigEndian(ip, (short) 0x4500);
            Memory.putShortBigEndian(ip + 6, (short) DONT_FRAGMENT);
            Memory.putByte(ip + 8, (byte) TTL);
            Memory.putByte(ip + 9, (byte) UDP);
        }
    }

    /** Number to write into the next frame, whose payload has room for it. */
    void sequence(int number) {
        sequence = number;
        sequenced = true;
    }

    /** Where the payload begins in a frame. */
    int payloadOffset() {
        return headerLength();
    }

    /** Whether frames have room for a sequence number. */
    boolean hasRoomForSequence() {
        return config.minSize() >= headerLength() + SEQUENCE_LENGTH;
    }

    @Override
    public int next() {
        if (fixed && !sequenced && !first) {
            return length;
        }
        if (!first) {
            step();
        }
        first = false;
        if (config.minSize() != config.maxSize()) {
            length = random.nextInt(config.minSize(), config.maxSize() + 1);
        }
        write();
        return length;
    }

    private void step() {
        boolean carry = true;
        if (source.random) {
            source.draw(random);
        } else {
            carry = source.step();
        }
        if (destination.random) {
            destination.draw(random);
        } else if (carry) {
            destination.step();
        }
    }

    /** Addresses, ports, lengths and checksums. */
    private void write() {
        long ip = frame + ETHERNET_LENGTH;
        int udpLength = Math.max(UDP_LENGTH, length - udpAt);
        long sum;
        if (config.ipv6()) {
            Memory.putShortBigEndian(ip + 4, (short) udpLength);
            Memory.putLongBigEndian(ip + 16, source.address);
            Memory.putLongBigEndian(ip + 32, destination.address);
            sum = words(source.range.high()) + words(destination.range.high());
        } else {
            int ipLength = Math.max(IPV4_LENGTH + UDP_LENGTH, length - ETHERNET_LENGTH);
            Memory.putShortBigEndian(ip + 2, (short) ipLength);
            Memory.putIntBigEndian(ip + 12, (int) source.address);
            Memory.putIntBigEndian(ip + 16, (int) destination.address);
            int header =
                    OnesComplement.fold((long) ipSum + ipLength + words(source.address) + words(destination.address));
            Memory.putShortBigEndian(ip + 10, (short) ~header);
            sum = 0;
        }
        long udp = frame + udpAt;
        Memory.putShortBigEndian(udp, (short) source.port);
        Memory.putShortBigEndian(udp + 2, (short) destination.port);
        Memory.putShortBigEndian(udp + 4, (short) udpLength);
        sum += words(source.address)
                + words(destination.address)
                + source.port
                + destination.port
                + 2L * udpLength
                + UDP;
        sum += payloadSums[udpLength - UDP_LENGTH] + startSum(udp + UDP_LENGTH, udpLength - UDP_LENGTH);
        int checksum = ~OnesComplement.fold(sum) & MASK;
        Memory.putShortBigEndian(udp + 6, (short) (checksum == 0 ? MASK : checksum));
    }

    /** Sum of the payload's first bytes, after the sequence number has been written there. */
    private long startSum(long payload, int payloadLength) {
        if (payloadLength < SEQUENCE_LENGTH) {
            return OnesComplement.sum(payload, payloadLength);
        }
        if (sequenced) {
            Memory.putIntBigEndian(payload, sequence);
        }
        return words(Integer.toUnsignedLong(Memory.getIntBigEndian(payload)));
    }

    private static long words(long value) {
        return (value >>> 48) + (value >>> 32 & MASK) + (value >>> 16 & MASK) + (value & MASK);
    }

    @Override
    public long address() {
        return frame;
    }

    @Override
    public int longest() {
        return config.maxSize();
    }

    @Override
    public void close() {
        arena.close();
    }

    /** A place in a range. */
    private static final class Cursor {
        final EndpointRange range;
        final boolean random;
        long address;
        int port;

        Cursor(EndpointRange range, boolean random) {
            this.range = range;
            this.random = random && !range.single();
            this.address = range.first();
            this.port = range.firstPort();
        }

        boolean still() {
            return range.single();
        }

        /** Moves on; true if the range begins again. */
        boolean step() {
            if (port < range.lastPort()) {
                port++;
                return false;
            }
            port = range.firstPort();
            if (address != range.last()) {
                address++;
                return false;
            }
            address = range.first();
            return true;
        }

        void draw(SplittableRandom random) {
            port = random.nextInt(range.firstPort(), range.lastPort() + 1);
            long count = range.last() - range.first() + 1;
            address = count == 0 ? random.nextLong() : range.first() + Long.remainderUnsigned(random.nextLong(), count);
        }
    }
}
