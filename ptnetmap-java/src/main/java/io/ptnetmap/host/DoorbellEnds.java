// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

/** Ends of which one eventfd tells all that may happen to them. */
abstract sealed class DoorbellEnds implements CsbEnds permits CsbPipeEnds, CsbValeEnds {
    final Doorbell doorbell;

    /** @param doorbell becomes this object's */
    DoorbellEnds(Doorbell doorbell) {
        this.doorbell = doorbell;
    }

    @Override
    public final void watch(int epoll) {
        doorbell.watch(epoll);
    }

    @Override
    public final void unwatch(int epoll) {
        doorbell.unwatch(epoll);
    }

    @Override
    public final void close() {
        doorbell.close();
    }
}
