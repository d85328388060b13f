// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.tools;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * An Ethernet address.
 *
 * @param value its 48 bits, the first byte on the wire uppermost
 */
public record MacAddress(long value) {
    /** All stations. */
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    private static final Pattern FORM = Pattern.compile("([0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}");
    private static final int BYTES = 6;

    /** @throws ToolException if the text is no address */
    public static MacAddress parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new ToolException("'" + text + "' is no Ethernet address; write it as 02:00:00:00:00:01");
        }
        long value = 0;
        for (String part : text.split(":")) {
            value = value << Byte.SIZE | Integer.parseInt(part, 16);
        }
        return new MacAddress(value);
    }

    static MacAddress of(byte[] bytes) {
        long value = 0;
        for (byte part : bytes) {
            value = value << Byte.SIZE | part & 0xff;
        }
        return new MacAddress(value);
    }

    /** Byte {@code index} on the wire, from 0. */
    public byte at(int index) {
        return (byte) (value >>> Byte.SIZE * (BYTES - 1 - index));
    }

    @Override
    public String toString() {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = at(i);
        }
        return HexFormat.ofDelimiter(":").formatHex(bytes);
    }
}
