// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

/** Whose reader has gone already. */
final class ClosedOutlet implements Reply.Outlet {
    @Override
    public boolean isFull() {
        return true;
    }

    @Override
    public void write(byte[] bytes) {}

    @Override
    public void end() {}

    @Override
    public void cut() {}

    @Override
    public void onRoom(Runnable listener) {}

    @Override
    public void onClose(Runnable listener) {
        listener.run();
    }

    @Override
    public void later(Runnable task) {}

    @Override
    public void every(long millis, Runnable task) {}
}
