// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.abi.NetmapIf;
import io.ptnetmap.driver.InterfacePath;
import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.driver.PortCounters;
import io.ptnetmap.driver.RingSync;
import io.ptnetmap.linux.Errno;
import io.ptnetmap.linux.Linux;
import io.ptnetmap.linux.LinuxException;
import io.ptnetmap.memory.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An open netmap port: its rings, and ways to wait for them.
 *
 * <p>Whether the other end is a thread, a process, a VM, a switch or a wire makes no difference here. Each ring is for
 * one thread; {@link #poll} is for the thread that uses the rings it waits for; {@link #close} may come from any thread,
 * after which every use of the port throws {@link NetmapException}.
 */
public final class NetmapPort implements AutoCloseable {
    private final String name;
    private final PortBinding binding;
    private final long netmapIf;
    private final List<TxRing> txRings;
    private final List<RxRing> rxRings;
    private volatile boolean closed;

    NetmapPort(String name, PortBinding binding) {
        this.name = name;
        this.binding = binding;
        this.netmapIf = binding.memory().address() + binding.reply().offset();
        this.txRings = new ArrayList<>();
        List<Long> tx = binding.rings().tx();
        for (int i = 0; i < tx.size(); i++) {
            RingSync sync = binding.txSync(i);
            if (sync != null && tx.get(i) != 0) {
                txRings.add(new TxRing(this, binding, sync, tx.get(i)));
            }
        }
        this.rxRings = new ArrayList<>();
        List<Long> rx = binding.rings().rx();
        for (int i = 0; i < rx.size(); i++) {
            RingSync sync = binding.rxSync(i);
            if (sync != null && rx.get(i) != 0) {
                rxRings.add(new RxRing(this, binding, sync, rx.get(i)));
            }
        }
    }

    /** The port's specification, as it was given to {@link Netmap#open}. */
    public String name() {
        return name;
    }

    /** Identity of the region that the port lies in: ports with the same id can swap buffers. */
    public int memId() {
        return binding.reply().memId();
    }

    /** The bound transmit rings, host rings last. */
    public List<TxRing> txRings() {
        return txRings;
    }

    /** The bound receive rings, host rings last. */
    public List<RxRing> rxRings() {
        return rxRings;
    }

    /** Bound transmit ring {@code index}, counted from 0 over the rings bound. */
    public TxRing txRing(int index) {
        return txRings.get(index);
    }

    /** Bound receive ring {@code index}, counted from 0 over the rings bound. */
    public RxRing rxRing(int index) {
        return rxRings.get(index);
    }

    /** Extra buffers obtained at {@link Netmap#open}. */
    public int extraBufferCount() {
        return binding.reply().extraBufs();
    }

    /**
     * Takes a buffer from the port's list of extra buffers (ABI §2.7).
     *
     * @return its index, or 0 where the list is empty
     */
    public int takeExtraBuffer() {
        requireOpen();
        int index = NetmapIf.bufsHead(netmapIf);
        if (index != 0) {
            NetmapIf.bufsHead(netmapIf, Memory.getInt(anyRing().bufferAddressOf(index)));
        }
        return index;
    }

    /** Puts a buffer into the list of extra buffers. It must be in no slot then. The first 4 bytes are overwritten. */
    public void returnExtraBuffer(int index) {
        requireOpen();
        Memory.putInt(anyRing().bufferAddressOf(index), NetmapIf.bufsHead(netmapIf));
        NetmapIf.bufsHead(netmapIf, index);
    }

    private Ring anyRing() {
        if (txRings.isEmpty() && rxRings.isEmpty()) {
            throw new NetmapException(
                    name, Errno.EINVAL, "extra buffers are reached through a ring: open the port with at least one");
        }
        return txRings.isEmpty() ? rxRings.getFirst() : txRings.getFirst();
    }

    /** What has passed and what was lost, for a network interface of the embedded host; empty for all others. */
    public Optional<PortCounters> counters() {
        return binding.counters();
    }

    /**
     * How packets pass between a network interface and this port, and why not in a better way; empty for ports of other kinds,
     * and where the kernel's own netmap does it.
     */
    public Optional<InterfacePath> path() {
        return binding.path();
    }

    /** The {@link #path()} in words for people. */
    public Optional<String> description() {
        return path().map(InterfacePath::description);
    }

    /** Whether buffers can move between the two ports without copying. */
    public boolean sharesMemoryWith(NetmapPort other) {
        return binding.memory() == other.binding.memory();
    }

    /** {@code NIOCTXSYNC}, then {@code NIOCRXSYNC}: all rings. */
    public void sync() {
        for (TxRing ring : txRings) {
            ring.sync();
        }
        for (RxRing ring : rxRings) {
            ring.sync();
        }
    }

    /**
     * Waits until packets can be read or written, without using the processor, as {@code poll(2)} on a netmap descriptor
     * does (ABI §4.3): pending transmissions are pushed first, and all rings concerned are synced on return. It concerns
     * all rings of the port, so it is for one thread: where others are to use some of the rings, open these as ports of
     * their own ({@code /R}, {@code /T}, {@code -N}).
     *
     * @param events {@link Linux#POLLIN} and {@link Linux#POLLOUT}, or both
     * @param timeoutNanos 0 = look only, negative = for ever
     * @return the events that are possible, 0 on timeout; {@link Linux#POLLERR} where a ring was in violation or the
     *     interface has gone; {@link Linux#POLLHUP} once a capture file has no more packets than those received; both once
     *     the port that a monitor looks at has been closed and all packets are read
     * @throws NetmapException if the port is closed, or its device has gone
     */
    public int poll(int events, long timeoutNanos) {
        long start = System.nanoTime();
        long left = timeoutNanos;
        int ready = pollOnce(events, left);
        // Not everything that ends the sleep is an event: a signal, or a wake-up for another ring of the same end.
        while (ready == 0 && left != 0) {
            if (timeoutNanos > 0) {
                left = Math.max(0, timeoutNanos - (System.nanoTime() - start));
            }
            ready = pollOnce(events, left);
        }
        return ready;
    }

    private int pollOnce(int events, long timeoutNanos) {
        requireOpen();
        int ready = binding.arm(events);
        int revents = ready != 0 || timeoutNanos == 0
                ? 0
                : Linux.poll(
                        binding.descriptor(),
                        binding.descriptorEvents(events),
                        binding.closingDescriptor(),
                        timeoutNanos);
        ready |= disarm(events, revents);
        requireOpen();
        refresh();
        return ready;
    }

    /** Ends a wait, see {@link PortBinding#disarm}. */
    int disarm(int events, int revents) {
        try {
            return binding.disarm(events, revents);
        } catch (LinuxException gone) {
            throw new NetmapException(name, gone);
        }
    }

    /** For waiting on several ports at once, see {@link NetmapPoller}. */
    PortBinding binding() {
        return binding;
    }

    void refresh() {
        // By number: whether an iterator is allocated depends on what else the compiler has taken in.
        for (int i = 0; i < txRings.size(); i++) {
            txRings.get(i).refresh();
        }
        for (int i = 0; i < rxRings.size(); i++) {
            rxRings.get(i).refresh();
        }
    }

    void requireOpen() {
        if (closed) {
            throw new NetmapException(name, Errno.EBADF, "the port is closed");
        }
    }

    public boolean isClosed() {
        return closed;
    }

    /** Gives the port back (ABI §4.5). Idempotent; from any thread. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        txRings.forEach(Ring::markClosed);
        rxRings.forEach(Ring::markClosed);
        binding.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
