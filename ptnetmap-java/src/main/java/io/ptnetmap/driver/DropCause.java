// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.driver;

/** Why a switch has dropped a packet, or one copy of it, in the order of their numbers in the attach protocol. */
public enum DropCause {
    /** On the way in: shorter than an Ethernet header. */
    RUNT("shorter than an Ethernet header"),
    /** On the way in: a slot that names no buffer of its port's region, or more bytes than a buffer has. */
    BAD_SLOT("a slot without a buffer, or longer than one"),
    /** On the way in: {@code NS_INDIRECT}, an address of the sender's. */
    INDIRECT("an indirect buffer"),
    /** On the way in: of more than 64 slots, or more than the ring can hold. */
    TOO_MANY_SLOTS("of too many slots"),
    /** On the way in: for the port that it came from. */
    TO_ITSELF("for the port that it came from"),
    /** On the way in: there is no other port. */
    NO_OTHER_PORT("no other port on the switch"),
    /** On the way out: no room in the receive ring. */
    FULL("the receive ring is full"),
    /** On the way out: there is room, but others send to that ring, too, and the sender's share of it is taken. */
    SHARE("the sender's share of the receive ring is taken"),
    /** On the way out: nobody has the receive ring open. */
    NOT_OPEN("nobody has the receive ring open"),
    /** On the way out: needs more slots of the receiver's size than a packet may have. */
    TOO_LONG("too long for the receiver's buffers"),
    /** On the way out: the device of an attached interface could not send it. */
    DEVICE("the device could not send it");

    private final String text;

    DropCause(String text) {
        this.text = text;
    }

    /** Whether the packet itself was dropped, rather than a copy of it for another port. */
    public boolean onTheWayIn() {
        return ordinal() < FULL.ordinal();
    }

    /** For people, to be read after "dropped:". */
    public String text() {
        return text;
    }
}
