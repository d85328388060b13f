// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;

/** The way to a reader for a thread that may wait: a write returns when the one before has gone and there is room. */
final class OutletStream extends OutputStream {
    private final Reply.Outlet out;
    private int underWay;
    private boolean full;
    private boolean gone;

    /** To be made on the outlet's thread. */
    OutletStream(Reply.Outlet out) {
        this.out = out;
        out.onRoom(() -> look(false, false));
        out.onClose(() -> look(true, false));
    }

    private synchronized void look(boolean readerGone, boolean written) {
        gone |= readerGone;
        underWay -= written ? 1 : 0;
        full = !gone && out.isFull();
        notifyAll();
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            while (!gone && (full || underWay > 0)) {
                wait();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        if (gone) {
            throw new IOException("the reader has gone");
        }
        byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
        underWay++;
        out.later(() -> {
            out.write(copy);
            look(false, true);
        });
    }

    /** Nothing more comes. */
    @Override
    public void close() {
        out.later(out::end);
    }
}
