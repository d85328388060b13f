// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.metrics;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A message of protocol buffers, read by the encoding's specification alone: fields by number, nothing generated. */
final class ProtoMessage {
    private final Map<Integer, List<Object>> fields = new HashMap<>();

    private ProtoMessage() {}

    static ProtoMessage read(byte[] bytes) {
        ProtoMessage message = new ProtoMessage();
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long tag = varint(in);
            Object value = switch ((int) (tag & 7)) {
                case 0 -> varint(in);
                case 1 -> in.getLong();
                case 2 -> {
                    byte[] part = new byte[(int) varint(in)];
                    in.get(part);
                    yield part;
                }
                case 5 -> in.getInt();
                default -> throw new AssertionError("wire type " + (tag & 7));
            };
            message.fields
                    .computeIfAbsent((int) (tag >>> 3), number -> new ArrayList<>())
                    .add(value);
        }
        return message;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    boolean has(int number) {
        return fields.containsKey(number);
    }

    List<ProtoMessage> messages(int number) {
        return fields.getOrDefault(number, List.of()).stream()
                .map(part -> read((byte[]) part))
                .toList();
    }

    ProtoMessage message(int number) {
        return messages(number).getFirst();
    }

    String text(int number) {
        return new String((byte[]) fields.get(number).getFirst(), StandardCharsets.UTF_8);
    }

    /** Of type varint or fixed64; 0 where it is left out. */
    long number(int number) {
        return (long) fields.getOrDefault(number, List.of(0L)).getFirst();
    }

    double real(int number) {
        return Double.longBitsToDouble(number(number));
    }
}
