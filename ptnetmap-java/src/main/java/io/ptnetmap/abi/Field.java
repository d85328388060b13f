// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.abi;

import io.ptnetmap.memory.Memory;
import java.nio.charset.StandardCharsets;

/**
 * A field of a control structure, by the place it has in there: {@code NmreqRegister.MODE.write(body, NR_REG_ALL_NIC)}.
 *
 * <p>The structures that carry requests are rarely touched, so a list of fields says all there is to say about them;
 * those of the data path ({@link NetmapRing}, {@link NetmapSlot}, {@link NmCsbAtok} ...) have accessors of their own. All
 * methods take the structure's address, which must have room for the field; alignment does not matter.
 *
 * @param offset from the start of the structure, bytes
 * @param size bytes: 2, 4 or 8 of an unsigned number, any other of text
 */
public record Field(int offset, int size) {
    static Field u16(int offset) {
        return new Field(offset, Short.BYTES);
    }

    static Field u32(int offset) {
        return new Field(offset, Integer.BYTES);
    }

    static Field u64(int offset) {
        return new Field(offset, Long.BYTES);
    }

    static Field text(int offset, int size) {
        return new Field(offset, size);
    }

    /** The number, zero-extended. */
    public long read(long struct) {
        return switch (size) {
            case Short.BYTES -> Memory.getShort(struct + offset) & 0xffffL;
            case Integer.BYTES -> Memory.getInt(struct + offset) & 0xffff_ffffL;
            case Long.BYTES -> Memory.getLong(struct + offset);
            default -> throw notANumber();
        };
    }

    /** The number as an {@code int}: its low 32 bits. */
    public int readInt(long struct) {
        return (int) read(struct);
    }

    /**
     * Writes a number.
     *
     * @throws IllegalArgumentException if it needs more bytes than the field has
     */
    public void write(long struct, long value) {
        int bits = size * Byte.SIZE;
        if (bits < Long.SIZE && value >>> bits != 0 && value >> bits - 1 != -1) {
            throw new IllegalArgumentException(value + " does not fit a field of " + size + " bytes");
        }
        switch (size) {
            case Short.BYTES -> Memory.putShort(struct + offset, (short) value);
            case Integer.BYTES -> Memory.putInt(struct + offset, (int) value);
            case Long.BYTES -> Memory.putLong(struct + offset, value);
            default -> throw notANumber();
        }
    }

    private IllegalStateException notANumber() {
        return new IllegalStateException("a field of " + size + " bytes holds no number");
    }

    /** The text up to its NUL, or the whole field where there is none. */
    public String readText(long struct) {
        byte[] bytes = new byte[size];
        Memory.copy(struct + offset, bytes, 0, size);
        int length = 0;
        while (length < size && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Writes text, cut to {@code size() - 1} bytes of UTF-8, and NULs up to the end of the field. */
    public void writeText(long struct, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Memory.zero(struct + offset, size);
        Memory.copy(bytes, 0, struct + offset, Math.min(bytes.length, size - 1));
    }
}
