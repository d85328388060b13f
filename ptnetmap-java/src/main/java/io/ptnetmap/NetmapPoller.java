// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap;

import io.ptnetmap.driver.PortBinding;
import io.ptnetmap.linux.Linux;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * Waits for several ports, and other descriptors, at once: {@code poll(2)} over netmap ports of any driver.
 *
 * <pre>{@code
 * try (NetmapPoller poller = new NetmapPoller()) {
 *     poller.add(left, Linux.POLLIN);
 *     poller.add(right, Linux.POLLIN);
 *     poller.await(-1);
 *     if (poller.ready(left) != 0) ...
 * }
 * }</pre>
 *
 * Single-threaded. Allocates only while ports are added.
 */
public final class NetmapPoller implements AutoCloseable {
    private final Arena arena = Arena.ofAuto();
    private NetmapPort[] ports = new NetmapPort[0];
    private int[] events = new int[0];
    private int[] ready = new int[0];
    private int[] descriptors = new int[0];
    private long pollfds;
    private boolean closed;

    /** Adds a port, or replaces the events it is waited for. */
    public void add(NetmapPort port, int events) {
        int index = indexOf(port);
        if (index < 0) {
            index = ports.length;
            ports = Arrays.copyOf(ports, index + 1);
            this.events = Arrays.copyOf(this.events, index + 1);
            ready = Arrays.copyOf(ready, index + 1);
            ports[index] = port;
            resize();
        }
        this.events[index] = events;
    }

    /** Adds a plain descriptor whose {@code POLLIN} ends a wait, such as an eventfd; once, however often it is called. */
    public void addDescriptor(int fd) {
        for (int known : descriptors) {
            if (known == fd) {
                return;
            }
        }
        descriptors = Arrays.copyOf(descriptors, descriptors.length + 1);
        descriptors[descriptors.length - 1] = fd;
        resize();
    }

    private void resize() {
        pollfds = arena.allocate((long) count() * Linux.POLLFD_SIZE, 8).address();
    }

    /** Two for each port, then the plain ones. */
    private int count() {
        return 2 * ports.length + descriptors.length;
    }

    private long pollfd(int index) {
        return pollfds + (long) index * Linux.POLLFD_SIZE;
    }

    private long plain(int index) {
        return pollfd(2 * ports.length + index);
    }

    private int indexOf(NetmapPort port) {
        for (int i = 0; i < ports.length; i++) {
            if (ports[i] == port) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Waits until one of the ports has one of its events.
     *
     * @param timeoutNanos 0 = look only, negative = for ever
     * @return whether something is ready
     * @throws NetmapException if one of the ports is closed, before or meanwhile, or its device has gone
     */
    public boolean await(long timeoutNanos) {
        if (closed) {
            throw new IllegalStateException("the poller is closed");
        }
        long start = System.nanoTime();
        long left = timeoutNanos;
        boolean any = awaitOnce(left);
        // Not everything that ends the sleep is an event, see NetmapPort.poll.
        while (!any && left != 0) {
            if (timeoutNanos > 0) {
                left = Math.max(0, timeoutNanos - (System.nanoTime() - start));
            }
            any = awaitOnce(left);
        }
        return any;
    }

    private boolean awaitOnce(long timeoutNanos) {
        requireOpenPorts();
        boolean any = arm();
        for (int i = 0; i < descriptors.length; i++) {
            Linux.pollfd(plain(i), descriptors[i], Linux.POLLIN);
        }
        if (!any && timeoutNanos != 0) {
            Linux.poll(pollfds, count(), timeoutNanos);
        }
        any |= disarm();
        requireOpenPorts();
        for (int i = 0; i < ports.length; i++) {
            ports[i].refresh();
        }
        for (int i = 0; i < descriptors.length; i++) {
            any |= Linux.revents(plain(i)) != 0;
        }
        return any;
    }

    private boolean arm() {
        boolean any = false;
        for (int i = 0; i < ports.length; i++) {
            PortBinding binding = ports[i].binding();
            ready[i] = binding.arm(events[i]);
            any |= ready[i] != 0;
            Linux.pollfd(pollfd(2 * i), binding.descriptor(), binding.descriptorEvents(events[i]));
            Linux.pollfd(pollfd(2 * i + 1), binding.closingDescriptor(), Linux.POLLIN);
        }
        return any;
    }

    /** Of all ports, whatever is the matter with one. */
    private boolean disarm() {
        NetmapException failure = null;
        boolean any = false;
        for (int i = 0; i < ports.length; i++) {
            try {
                ready[i] |= ports[i].disarm(events[i], Linux.revents(pollfd(2 * i)));
                any |= ready[i] != 0;
            } catch (NetmapException gone) {
                failure = gone;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return any;
    }

    private void requireOpenPorts() {
        for (int i = 0; i < ports.length; i++) {
            ports[i].requireOpen();
        }
    }

    /** What the last {@link #await} found for a port: {@code POLLIN}, {@code POLLOUT}, {@code POLLERR}. */
    public int ready(NetmapPort port) {
        int index = indexOf(port);
        if (index < 0) {
            throw new IllegalArgumentException(port + " was not added to this poller");
        }
        return ready[index];
    }

    @Override
    public void close() {
        closed = true;
    }
}
