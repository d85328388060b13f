// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

/** What ICMP (RFC 792) and ICMPv6 (RFC 4443) headers have in common. */
public abstract sealed class Icmp extends HeaderView permits Icmpv4, Icmpv6 {
    public static final int TYPE_OFFSET = 0;
    public static final int CODE_OFFSET = 1;
    public static final int CHECKSUM_OFFSET = 2;
    public static final int IDENTIFIER_OFFSET = 4;
    public static final int SEQUENCE_OFFSET = 6;

    Icmp() {}

    /** What message it is, 0 to 255. */
    public final int type() {
        return u8(TYPE_OFFSET);
    }

    /** Voids the check, as some types of ICMPv6 have a shorter header. */
    public final void type(int type) {
        u8(TYPE_OFFSET, type);
    }

    /** What of that type, 0 to 255. */
    public final int code() {
        return u8(CODE_OFFSET);
    }

    public final void code(int code) {
        u8(CODE_OFFSET, code);
    }

    /** Over the whole message, 0 to 65,535. */
    public final int checksum() {
        return u16(CHECKSUM_OFFSET);
    }

    public final void checksum(int checksum) {
        u16(CHECKSUM_OFFSET, checksum);
    }

    /** Of queries only, such as echo. */
    public final int identifier() {
        return u16(IDENTIFIER_OFFSET);
    }

    public final void identifier(int identifier) {
        u16(IDENTIFIER_OFFSET, identifier);
    }

    /** Of queries only, such as echo. */
    public final int sequence() {
        return u16(SEQUENCE_OFFSET);
    }

    public final void sequence(int sequence) {
        u16(SEQUENCE_OFFSET, sequence);
    }
}
