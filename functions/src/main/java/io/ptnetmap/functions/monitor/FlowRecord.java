// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.functions.monitor;

import io.ptnetmap.nfv.api.flow.FlowKey;
import io.ptnetmap.nfv.api.packet.Ipv4Address;
import io.ptnetmap.nfv.api.packet.Ipv6Address;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is known of one flow: all packets of one direction with the same addresses, protocol and ports.
 *
 * @param protocol number, as in the IP header
 * @param source address
 * @param sourcePort or the identifier of ICMP queries; 0 for other protocols
 * @param destination address
 * @param destinationPort as {@code sourcePort}
 * @param packets seen
 * @param bytes of these, from the Ethernet header on
 * @param firstSeen nanoseconds since the epoch
 * @param lastSeen nanoseconds since the epoch
 */
record FlowRecord(
        int protocol,
        String source,
        int sourcePort,
        String destination,
        int destinationPort,
        long packets,
        long bytes,
        long firstSeen,
        long lastSeen) {

    static final String CSV_HEADER =
            "protocol,source,source-port,destination,destination-port,packets,bytes,first-seen,last-seen";

    static FlowRecord of(FlowKey key, long packets, long bytes, long firstSeen, long lastSeen) {
        return new FlowRecord(
                key.protocol(),
                address(key, key.sourceHigh(), key.sourceLow()),
                key.sourcePort(),
                address(key, key.destinationHigh(), key.destinationLow()),
                key.destinationPort(),
                packets,
                bytes,
                firstSeen,
                lastSeen);
    }

    /** Writes it, for {@link #read} to be read. */
    void write(DataOutput out) throws IOException {
        out.writeInt(protocol);
        out.writeUTF(source);
        out.writeInt(sourcePort);
        out.writeUTF(destination);
        out.writeInt(destinationPort);
        out.writeLong(packets);
        out.writeLong(bytes);
        out.writeLong(firstSeen);
        out.writeLong(lastSeen);
    }

    /** Reads what {@link #write} has written. */
    static FlowRecord read(DataInput in) throws IOException {
        return new FlowRecord(
                in.readInt(),
                in.readUTF(),
                in.readInt(),
                in.readUTF(),
                in.readInt(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong());
    }

    private static String address(FlowKey key, long high, long low) {
        return key.isIpv6() ? new Ipv6Address(high, low).toString() : new Ipv4Address((int) low).toString();
    }

    /** Names and values, times as in RFC 3339. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("protocol", protocol);
        fields.put("source", source);
        fields.put("source-port", sourcePort);
        fields.put("destination", destination);
        fields.put("destination-port", destinationPort);
        fields.put("packets", packets);
        fields.put("bytes", bytes);
        fields.put("first-seen", time(firstSeen));
        fields.put("last-seen", time(lastSeen));
        return fields;
    }

    private static String time(long nanos) {
        return Instant.EPOCH.plus(nanos, ChronoUnit.NANOS).toString();
    }

    /** The fields in the order of {@link #CSV_HEADER}; none of them needs quotes. */
    String csv() {
        return fields().values().stream().map(Object::toString).collect(Collectors.joining(","));
    }
}
