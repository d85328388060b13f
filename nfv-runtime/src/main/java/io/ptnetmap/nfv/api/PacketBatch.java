// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

/** Up to {@link #MAX_SIZE} packets that came in at one port. Valid during one {@link NetworkFunction#process} call. */
public interface PacketBatch {
    /** Most packets of a batch, those that functions have created included. */
    int MAX_SIZE = 512;

    /** Number of packets. Packets that the function {@linkplain Output#create creates} are not counted. */
    int size();

    /**
     * A packet, by its place in the batch. The object is a view that is reused: the next call for this batch moves it to
     * another packet.
     *
     * @param index 0 to {@link #size()} - 1, or what {@link Output#create} returned
     * @throws IndexOutOfBoundsException if it is another
     */
    Packet packet(int index);

    /** Where the packets came in. */
    Side side();

    /** The engine's clock, nanoseconds from an arbitrary start, read once per batch. */
    long nowNanos();

    /** The two ports of a function. A link joins one function's {@code out} with the next one's {@code in}, both ways. */
    enum Side {
        /** From the chain's beginning: packets leave through {@link #OUT} by default. */
        IN,
        /** From the chain's end, in the reverse direction: packets leave through {@link #IN} by default. */
        OUT;

        private static final Side[] OPPOSITE = {OUT, IN};

        /** The other side. */
        public Side opposite() {
            return OPPOSITE[ordinal()];
        }
    }
}
