// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api.packet;

import io.ptnetmap.memory.Memory;
import io.ptnetmap.nfv.api.Packet;

/**
 * A view of one header in a packet.
 *
 * <p>{@link #wrap} checks the whole header against the packet once; after it returned {@code true}, fields are read and
 * written in place without further checks, until the packet's view moves on. Using a view whose last {@code wrap} returned
 * {@code false}, or that was never wrapped, is a programming error with undefined results. Setters marked <em>voids the
 * check</em> change a length that the check was about: wrap again before going on.
 *
 * <p>Setters write one field and nothing else; see {@link Rewrite} and {@link Checksum} for checksums. Single-threaded.
 */
public abstract sealed class HeaderView permits Ethernet, Vlan, Arp, Ipv4, Ipv6, Tcp, Udp, Icmp, Vxlan {
    private long address;
    private int offset;

    HeaderView() {}

    /**
     * Places the view on the header at an offset, where there is a well-formed one.
     *
     * @param offset bytes from the packet's start; any value is allowed
     * @return whether the header is complete and well-formed
     */
    public abstract boolean wrap(Packet packet, int offset);

    /** Bytes of the header, options included. */
    public abstract int headerLength();

    /** Where the header begins, bytes from the packet's start. */
    public final int offset() {
        return offset;
    }

    /** Where the header ends and its payload begins, bytes from the packet's start. */
    public final int payloadOffset() {
        return offset + headerLength();
    }

    /** Places the view if {@code length} bytes are there. */
    final boolean place(Packet packet, int offset, int length) {
        if (offset < 0 || offset > packet.length() - length) {
            return false;
        }
        this.address = packet.address() + offset;
        this.offset = offset;
        return true;
    }

    /** Where the header lies in memory. */
    final long address() {
        return address;
    }

    final int u8(int field) {
        return Memory.getByte(address + field) & 0xff;
    }

    final void u8(int field, int value) {
        Memory.putByte(address + field, (byte) value);
    }

    final int u16(int field) {
        return Memory.getShortBigEndian(address + field) & 0xffff;
    }

    final void u16(int field, int value) {
        Memory.putShortBigEndian(address + field, (short) value);
    }

    final int i32(int field) {
        return Memory.getIntBigEndian(address + field);
    }

    final void i32(int field, int value) {
        Memory.putIntBigEndian(address + field, value);
    }

    final long i64(int field) {
        return Memory.getLongBigEndian(address + field);
    }

    final void i64(int field, long value) {
        Memory.putLongBigEndian(address + field, value);
    }

    /** A MAC address. */
    final long u48(int field) {
        return (long) u16(field) << 32 | i32(field + 2) & 0xffff_ffffL;
    }

    final void u48(int field, long value) {
        u16(field, (int) (value >>> 32));
        i32(field + 2, (int) value);
    }
}
