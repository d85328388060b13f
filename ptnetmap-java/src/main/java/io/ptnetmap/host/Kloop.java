// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.host;

import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The thread that serves all {@link LoopPort}s of a host: it goes round them, each moves a bounded number of slots in its
 * turn. When nothing has moved for a while it sleeps until a user kicks or the other end of a pipe rings.
 *
 * <p>While it is awake, nobody needs to wake it, and nobody is told to. Before it sleeps it says so to all, passes a barrier,
 * and goes round once more: whoever had published before reading that the loop sleeps is seen then, whoever publishes
 * later wakes it.
 */
final class Kloop implements AutoCloseable {
    /** How long to look for work before sleeping, about what sleeping and being woken cost. */
    private static final long SPIN_NANOS = 50_000;

    private final boolean membarrier = Linux.registerGlobalBarrier();
    private final int epoll = Linux.epoll();
    private final int wake = Linux.eventfd();
    private final Thread thread;

    private volatile FutureTask<?> command;
    private volatile boolean closing;
    /** Of the loop's thread. */
    private LoopPort[] ports = {};

    Kloop() {
        Linux.epollAdd(epoll, wake, Linux.POLLIN);
        thread = Thread.ofPlatform().daemon().name("kloop").start(this::loop);
    }

    private void loop() {
        long idleSince = 0;
        while (!closing) {
            runCommand();
            if (round()) {
                idleSince = 0;
            } else if (idleSince == 0) {
                idleSince = System.nanoTime();
            } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
                Thread.onSpinWait();
            } else {
                sleep();
                idleSince = 0;
            }
        }
        runCommand();
    }

    private void runCommand() {
        FutureTask<?> next = command;
        if (next != null) {
            command = null;
            next.run();
        }
    }

    /** A turn for each port. Returns whether anything has moved. */
    private boolean round() {
        boolean moved = false;
        for (LoopPort port : ports) {
            moved |= port.serve();
        }
        return moved;
    }

    private void sleep() {
        boolean fenced = true;
        for (LoopPort port : ports) {
            fenced &= port.arm();
        }
        // For users behind a CSB, who fence themselves, and for those of pipes, who may rely on the sleeper to do it
        // for
        // them.
        VarHandle.fullFence();
        if (membarrier && !fenced) {
            Linux.globalBarrier();
        }
        if (!round() && command == null && !closing) {
            Linux.epollAwait(epoll);
        }
        for (LoopPort port : ports) {
            port.disarm();
        }
    }

    /** Runs something on the loop's thread, between two rounds, and waits for its end. One at a time. */
    synchronized void run(Runnable action) {
        FutureTask<Void> task = new FutureTask<>(action, null);
        if (closing) {
            // The loop has ended: nobody is in the way.
            task.run();
        } else {
            command = task;
            Linux.eventfdSignal(wake);
        }
        boolean interrupted = false;
        while (true) {
            try {
                task.get();
                break;
            } catch (InterruptedException later) {
                interrupted = true;
            } catch (ExecutionException failure) {
                if (failure.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new AssertionError(failure.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** On the loop's thread. */
    void add(LoopPort port) {
        if (closing) {
            throw new LinuxException("START", Errno.ENXIO, "the host is closed");
        }
        try {
            port.watch(epoll);
        } catch (LinuxException failure) {
            port.unwatch(epoll);
            throw failure;
        }
        ports = Arrays.copyOf(ports, ports.length + 1);
        ports[ports.length - 1] = port;
    }

    /** On the loop's thread. */
    void remove(LoopPort port) {
        if (!closing) {
            port.unwatch(epoll);
        }
        ports = Arrays.stream(ports).filter(other -> other != port).toArray(LoopPort[]::new);
    }

    /** Ends the loop; its ports are not served any more. Idempotent. */
    @Override
    public synchronized void close() {
        if (closing) {
            return;
        }
        closing = true;
        Linux.eventfdSignal(wake);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        Linux.close(epoll);
        Linux.close(wake);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
