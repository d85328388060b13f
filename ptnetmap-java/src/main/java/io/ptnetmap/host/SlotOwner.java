// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** Something whose rings hold buffers. */
sealed interface SlotOwner permits PrivateRings, Pipe {
    /** Shows each slot that validly names a buffer, once: for a pipe, the owner's of the two mirrored slots. */
    void forEachSlot(Visitor visitor);

    /** Takes slot addresses. */
    @FunctionalInterface
    interface Visitor {
        void slot(long address);
    }
}
