// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.adapter;

import io.ptnetmap.driver.PortCounters;

/** Takes everything at once and gives nothing. */
final class NullDevice implements Device {
    private volatile long taken;

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    public void transmit(AdapterRing ring, int head) {
        int count = head - ring.hwcur;
        taken += count < 0 ? count + ring.slots : count;
        ring.hwcur = head;
    }

    @Override
    public void receive(AdapterRing ring) {}

    /** Of slots. */
    @Override
    public PortCounters counters() {
        return new PortCounters(0, 0, taken, 0);
    }

    @Override
    public void close() {}
}
