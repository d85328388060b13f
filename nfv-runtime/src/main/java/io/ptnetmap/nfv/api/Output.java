// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

/**
 * Takes a function's verdicts on the packets of a batch. A packet without one is forwarded to the opposite side. The last
 * verdict on a packet counts.
 *
 * <p>Every packet ends in exactly one account: forwarded, dropped for a cause, or consumed. What is sent to a side without a link
 * is dropped, as {@code no-link}.
 *
 * <p>Packets are named by their index in the batch; one that the batch does not have is refused with an {@link
 * IndexOutOfBoundsException}. Valid during one {@link NetworkFunction#process} call.
 */
public interface Output {
    /** Sends a packet on, to the side opposite to where it came in. */
    void forward(int index);

    /** Sends a packet out at a side; at the side where it came in, it goes back. */
    void forward(int index, PacketBatch.Side side);

    /**
     * Drops a packet and counts it under a cause.
     *
     * @param cause made at start, by {@link FunctionContext#dropCause}
     */
    void drop(int index, DropCause cause);

    /** Takes a packet out of the chain for good: the verdict of sinks, and of functions that are a packet's destination. */
    void consume(int index);

    /**
     * Adds a new packet to the batch, to be sent out at a side; its contents are undefined until written.
     *
     * @param length bytes, 0 to {@link #maxCreateLength()}
     * @param side where it leaves, unless another verdict on it follows
     * @return its index for {@link PacketBatch#packet}, or -1 where there is no room until the next batch, as after 256 of
     *     them
     * @throws IllegalArgumentException if no packet may have such a length
     */
    int create(int length, PacketBatch.Side side);

    /** Longest packet that {@link #create} makes, in bytes. */
    int maxCreateLength();
}
