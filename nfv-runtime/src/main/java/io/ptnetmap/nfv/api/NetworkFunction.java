// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

import java.util.Map;

/**
 * A virtual network function: batch in, batch out.
 *
 * <p>A function is a class with {@link FunctionType}, a constructor that takes its configuration record, and one method:
 *
 * <pre>{@code
 * @FunctionType(name = "ttl-guard", summary = "Drops IPv4 packets whose TTL is too small")
 * public final class TtlGuard implements NetworkFunction {
 *     private final Ipv4 ip = new Ipv4();
 *     private final int minimum;
 *     private DropCause tooSmall;
 *
 *     public TtlGuard(@Parameter TtlGuardConfig config) {
 *         minimum = config.minimum();
 *     }
 *
 *     public void start(FunctionContext context) {
 *         tooSmall = context.dropCause("ttl-too-small");
 *     }
 *
 *     public void process(PacketBatch batch, Output out) {
 *         for (int i = 0; i < batch.size(); i++) {
 *             if (ip.wrap(batch.packet(i)) && ip.ttl() < minimum) {
 *                 out.drop(i, tooSmall);
 *             }
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>What is not decided is forwarded. A function sees neither rings nor threads: each instance is called by one thread
 * at a time, never concurrently, and needs no locks, though that need not be the thread of its constructor, nor always the
 * same one. {@link #process} must not block, and must not allocate if it is to keep up.
 *
 * <p>Whatever the packets hold, a function must not throw. If it does, what it has decided of the batch stands, and the rest goes by
 * the function's {@code on-failure} in the chain: it is dropped, or passes, or the chain ends. An instance that fails too often
 * is {@linkplain #stop stopped} and called no more.
 */
public interface NetworkFunction {
    /**
     * Called once, before the first batch: register causes and counters, open files.
     *
     * @param context the runtime; it may be kept
     * @throws ConfigurationException if the configuration cannot work: the user is told the field. Whatever else is thrown here
     *     keeps the chain from being started as well; {@link #stop} is not called then
     */
    default void start(FunctionContext context) {}

    /**
     * Decides over a batch of packets, in place.
     *
     * <p>Sources get an empty batch and {@linkplain Output#create create} packets, and {@linkplain PacketSource#idleNanos tell} when
     * the next one is due if they have a rate; sinks {@linkplain Output#consume consume} all of them.
     *
     * @param batch the packets; it and its {@link Packet}s are valid during this call only
     * @param out takes the verdicts
     */
    void process(PacketBatch batch, Output out);

    /**
     * Called now and then between batches, whether there is traffic or not, at least every 100 ms: expire old state here,
     * a bounded amount of it at a time.
     *
     * @param nowNanos the engine's clock, as {@link PacketBatch#nowNanos()}
     */
    default void tick(long nowNanos) {}

    /** Called once, after the last batch: flush and close files. What is thrown here fails the chain at its end. */
    default void stop() {}

    /**
     * What the function has to say about its work, for the summary at the end of a run and for people who ask in between:
     * names (lower case with dashes) and numbers, strings, lists or maps of them. Called between two batches by the thread that
     * processes, so packets wait for it. The function's {@linkplain FunctionContext#counter counters} are there without it.
     */
    default Map<String, Object> report() {
        return Map.of();
    }
}
