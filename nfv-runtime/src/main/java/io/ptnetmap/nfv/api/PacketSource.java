// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.api;

/** A function that makes packets. The engine calls {@link #process} with an empty batch as long as there is room. */
public interface PacketSource extends NetworkFunction {
    /**
     * Whether no further packet will ever come; the engine then drains the chain and ends it. Asked by the thread that processes,
     * between batches.
     */
    boolean exhausted();
}
